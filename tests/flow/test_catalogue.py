from pathlib import Path

import pytest

from conformance.flow.catalogue import catalogue, check_across, markdown
from conformance.flow.errors import LibraryError
from conformance.flow.library import load
from conformance.flow.program import Level, Rule
from tests.flow.sample import ANSWER, HEAD, INVITE, build

ROOT = Path(__file__).resolve().parents[2]


def test_the_document_is_current() -> None:
    written = (ROOT / "docs" / "requirements.md").read_text("utf-8")
    assert written == markdown(load().flows.values()), (
        "write it anew: cpmspec flows requirements --markdown > docs/requirements.md"
    )


def test_an_id_is_one_entry_with_all_its_flows() -> None:
    entries = {entry.requirement.id: entry for entry in catalogue(load().flows.values())}
    assert entries["SD-5.2.1.1.2-wait"].flows == ("push", "push-large", "push-pager")
    assert entries["pull/end"].flows == ("pull",)
    assert entries["SD-5.2.1.1.1-info"].judged_by.endswith("(never fails)")
    assert entries["SD-5.4-request"].judged_by.startswith("not observable: ")
    assert set(entries["CF-7.3.12-2-notification"].rules) == {Rule.NEVER}


def test_only_what_the_wire_never_shows_is_called_not_observable() -> None:
    hidden = {
        entry.requirement.id
        for entry in catalogue(load().flows.values())
        if Rule.NONE in entry.rules
    }
    assert hidden == {
        "SD-5.2.2.2-options", "SD-5.2.1.1.1-choice", "SD-5.4-allow", "SD-5.4-request",
        "CF-7.3.12-receiving",
    }  # fmt: skip


def test_the_same_id_must_say_the_same_in_every_file() -> None:
    one = build(INVITE + '    shall Event present [X] clause "1" "So."\n' + ANSWER)
    other = build(
        INVITE + '    shall Event present [X] clause "1" "Not so."\n' + ANSWER,
        HEAD.replace("flow x", "flow y"),
    )
    check_across([one])
    elsewhere = type(other)(
        **{name: getattr(other, name) for name in other.__slots__} | {"file": "y"}
    )
    with pytest.raises(LibraryError, match=r"'X' has another level, clause or sentence in x.flow"):
        check_across([one, elsewhere])


def test_levels() -> None:
    entries = {entry.requirement.id: entry for entry in catalogue(load().flows.values())}
    assert entries["CF-7.3.12-3-conversation-id"].requirement.level is Level.DERIVED
    assert entries["RFC6665-event"].requirement.level is Level.RFC
    assert entries["push-pager/2-3"].requirement.level is Level.FLOW
