"""Which CPM services devices register as feature tags (RFC 3840, TS 24.229 section 5.1.1.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.capture.source import open_capture
from conformance.cpm.service import cpm_services
from conformance.observation.trace import Observation, Shown
from conformance.sip.message import SipRequest
from conformance.suite.setting import Setting

_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Registered:
    """Where a service was first registered."""

    capture: str
    frame: int

    def told(self) -> str:
        """The place in words."""
        return f"REGISTER in frame {self.frame} of {self.capture}"


def registrations(paths: Sequence[str], setting: Setting) -> dict[str, Registered]:
    """The services that captures show registered; CaptureError for what is no capture."""
    found: dict[str, Registered] = {}
    for index, path in enumerate(paths):
        source = open_capture(
            path,
            index=index,
            reader=setting.reader,
            keylog=setting.keylog,
            esp_keys=setting.esp_keys,
        )
        note(source, path, found)
    return found


def note(items: Iterable[Shown], capture: str, found: dict[str, Registered]) -> None:
    """Add the services of a capture's REGISTER requests, each with the first that names it.

    Only what a device sends itself counts, one Via then: a proxy's copy may lack or add tags.
    """
    for item in items:
        if not isinstance(item, Observation) or not isinstance(item.message, SipRequest):
            continue
        message = item.message
        if message.method != "REGISTER" or len(message.vias) != 1:
            continue
        for name in cpm_services(message.headers("Contact")):
            if len(found) < _LIMIT:
                found.setdefault(name, Registered(capture, item.frames[0] if item.frames else 0))
