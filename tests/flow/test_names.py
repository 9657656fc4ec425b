import pytest

from conformance.flow.errors import FlowSemanticError
from conformance.flow.names import field_names, hop_numbers, read_names
from conformance.flow.nodes import Place, Word
from conformance.flow.syntax import parse
from tests.flow.sample import ANSWER, HEAD, INVITE


@pytest.mark.parametrize(
    ("label", "numbers"),
    [
        ("14", ("14",)),
        ("end", ("end",)),
        ("12a", ("12a",)),
        ("2-3", ("2", "3")),
        ("3-4b", ("3b", "4b")),
        ("6-10", ("6", "7", "8", "9", "10")),
        ("3-2", ()),
        ("1-9999", ()),
    ],
)
def test_numbers_of_a_label(label: str, numbers: tuple[str, ...]) -> None:
    assert hop_numbers(label) == numbers


def test_look_ups() -> None:
    names = read_names(parse(HEAD + INVITE + ANSWER, "x.flow"))
    here = Place(9, 1)
    assert names.role(Word("handset", here)) == "client"
    assert names.label(Word("4", here)) == "3-4"
    assert names.setting("teardown", here, timer=True) == "teardown"
    with pytest.raises(FlowSemanticError, match="no setting"):
        names.setting("tear-down", here)


def test_fields_and_headers_can_be_tested() -> None:
    assert {"imdn.Message-ID", "Event", "actions.retrieve"} <= field_names()
