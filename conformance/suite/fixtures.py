"""What a test of one's own calls: reading, judging and playing, by one setting.

A mistake of the caller's shows at the caller's line: the calls hide themselves from tracebacks.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.capture.source import CaptureError, open_capture
from conformance.observation.trace import Trace
from conformance.report.model import Report
from conformance.suite.assertion import Paths, verified
from conformance.suite.batch import OF_THE_USER
from conformance.suite.errors import ConformanceError
from conformance.suite.setting import Setting, changed, parse_role

if TYPE_CHECKING:
    from conformance.suite.rehearsal import Rehearsal


def reading(setting: Setting) -> Callable[[str | os.PathLike[str]], Trace]:
    """`read(path)`: every message and gap of a capture; CaptureError where it is none."""

    def read(capture: str | os.PathLike[str]) -> Trace:
        __tracebackhide__ = True
        try:
            source = open_capture(
                os.fspath(capture),
                reader=setting.reader,
                keylog=setting.keylog,
                esp_keys=setting.esp_keys,
            )
            return Trace(list(source), source.health)
        except CaptureError as error:
            raise error.with_traceback(None) from None

    return read


def verifying(setting: Setting) -> Callable[..., Report]:
    """`verify(paths, roles=…, **changes)`: the report; `changes` are fields of the setting."""

    def verify(
        captures: Paths, *, roles: Mapping[str, str] | None = None, **changes: object
    ) -> Report:
        __tracebackhide__ = True
        try:
            if roles is not None:
                pairs = map("=".join, roles.items())
                changes["roles"] = tuple(rule for pair in pairs for rule in parse_role(pair))
            return verified(captures, changed(setting, changes))
        except OF_THE_USER as error:
            raise error.with_traceback(None) from None

    return verify


def rehearsing(setting: Setting, folder: Path) -> Callable[..., "Rehearsal"]:
    """`simulate(flow, **wishes)`: a flow played, its capture in the folder."""
    # The reference is loaded only for those who play.
    from conformance.suite.rehearsal import rehearse

    def simulate(flow: str, **wishes: object) -> "Rehearsal":
        __tracebackhide__ = True
        try:
            return rehearse(flow, folder, setting, **wishes)  # type: ignore[arg-type]
        except ConformanceError as error:
            raise error.with_traceback(None) from None

    return simulate
