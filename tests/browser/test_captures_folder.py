"""The report of the repository's own captures, and the captures within that report."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.report.minicapture import minicapture
from conformance.report.model import Report
from conformance.report.spool import Spool
from conformance.suite.campaign import Stamp, run
from conformance.suite.setting import Setting, parse_role
from conformance.verifier.verdict import InstanceResult, Reason, Verdict
from tests.report.opened import page, records

ROOT = Path(__file__).parents[2]
MOST = 2_000_000
EVERY = 3
"""Of the captures within, one in so many is judged again: one of each kind, and soon done."""


@pytest.fixture
def whole(judged_captures: Report) -> Report:
    return judged_captures


def test_the_page_of_all_captures_is_under_two_megabytes(whole: Report) -> None:
    # Paths as `make verify` gives them: where the checkout lies does not count.
    captures = tuple(
        replace(one, path=Path(one.path).relative_to(ROOT).as_posix()) for one in whole.captures
    )
    text = page(replace(whole, captures=captures))
    assert len(text.encode()) < MOST
    assert len(records(text)) == len(whole.instances)


def again(instance: InstanceResult, path: Path) -> list[Verdict]:
    """What comes of the capture of one instance, judged alone."""
    path.write_bytes(minicapture(instance, ()).octets)
    roles = tuple(
        rule
        for role, addresses in instance.roles.items()
        for address in addresses
        for rule in parse_role(f"{role}={address}")
    )
    with Spool() as spool:
        found = run([str(path)], Setting(roles=roles, flow=(instance.flow,)), spool, Stamp("0"))
        return [one.verdict for one in found.instances]


def test_a_capture_within_the_report_is_judged_as_its_instance_was(
    whole: Report, tmp_path: Path
) -> None:
    """What failed by what lay around it may come out better alone; nothing comes out worse."""
    for instance in list(whole.instances)[::EVERY]:
        [verdict] = again(instance, tmp_path / "mini.pcapng")
        if instance.reason_code in (Reason.ROLE_UNKNOWN, Reason.AMBIGUOUS_CORRELATION):
            # Alone it is told who plays which role, and nothing else is there to mix it up with.
            assert verdict.badness <= instance.verdict.badness, instance.id
        elif instance.verdict is not Verdict.FAIL:
            assert verdict is instance.verdict, instance.id
