import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.flow.errors import FlowError, FlowSyntaxError
from conformance.flow.syntax import MAX_OCTETS, parse
from tests.flow.sample import ANSWER, END, HEAD, INVITE, SEND

WHOLE = HEAD + INVITE + ANSWER + SEND + END


def test_caret_stands_below_the_mistake() -> None:
    with pytest.raises(FlowSyntaxError) as caught:
        parse(HEAD + INVITE + "    where Event = x\n", "x.flow")
    first, line, caret = caught.value.render().split("\n")
    assert first.startswith("x.flow:10:17: a field is tested with")
    assert line[len(caret) - 1] == "="


def test_line_ends_comments_and_blank_lines_do_not_matter() -> None:
    plain = parse(WHOLE, "x.flow")
    dressed = WHOLE.replace("\n", "   # said\r\n").replace(
        "  end.", "# a comment\n\n\t \n  end."
    )
    again = parse(dressed, "x.flow")
    assert [item.label.text for item in again.body.items] == [
        item.label.text for item in plain.body.items
    ]


def test_a_dedent_to_nowhere_has_its_place() -> None:
    with pytest.raises(FlowSyntaxError) as caught:
        parse(HEAD + INVITE + "    where Event present\n   where Event present\n", "x.flow")
    assert caught.value.line == 11
    assert "indented like none" in caught.value.sentence


def test_quotes_that_never_close() -> None:
    with pytest.raises(FlowSyntaxError) as caught:
        parse(HEAD + INVITE + '    "a sentence\n', "x.flow")
    assert caught.value.sentence == "the quotes that open here are never closed"
    assert (caught.value.line, caught.value.column) == (10, 5)


def test_a_file_that_is_no_flow_file_is_refused_by_its_length() -> None:
    with pytest.raises(FlowSyntaxError, match="characters"):
        parse("#" * (MAX_OCTETS + 1), "x.flow")


def test_a_long_file_is_read() -> None:
    steps = "".join(f"  {n}. CPM Client A becomes available.\n" for n in range(3, 1500))
    assert len(parse(HEAD + INVITE + steps, "x.flow").body.items) == 1498


@given(st.integers(0, len(WHOLE)), st.text(max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_flow_or_an_error_with_a_place(at: int, put: str) -> None:
    try:
        parse(WHOLE[:at] + put + WHOLE[at + len(put) :], "x.flow")
    except FlowError as wrong:
        assert wrong.line >= 1
        assert wrong.render().startswith("x.flow:")


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_at_all(text: str) -> None:
    try:
        parse(text, "x.flow")
    except FlowSyntaxError as wrong:
        assert wrong.sentence
