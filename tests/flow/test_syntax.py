from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.flow import syntax
from conformance.flow.errors import FlowError, FlowSyntaxError
from conformance.flow.syntax import MAX_OCTETS, parse
from tests.flow.sample import ANSWER, END, HEAD, INVITE, SEND

WHOLE = HEAD + INVITE + ANSWER + SEND + END


def refused(text: str) -> FlowError | None:
    try:
        parse(text, "x.flow")
    except FlowSyntaxError as wrong:
        return wrong
    return None


def test_caret_stands_below_the_mistake() -> None:
    with pytest.raises(FlowSyntaxError) as caught:
        parse(HEAD + INVITE + "    where Event = x\n", "x.flow")
    first, line, caret = caught.value.render().split("\n")
    assert first.startswith("x.flow:10:17: a field is tested with")
    assert line[len(caret) - 1] == "="


def test_line_ends_comments_and_blank_lines_do_not_matter() -> None:
    plain = parse(WHOLE, "x.flow")
    dressed = WHOLE.replace("\n", "   # said\r\n").replace("  end.", "# a comment\n\n\t \n  end.")
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


@pytest.mark.parametrize("before", [None, b"", b"junk\n" * 9])
def test_tables_are_kept_in_the_user_s_cache(
    before: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "cpmspec" / "flow.lark.cache"
    if before is not None:
        kept.parent.mkdir()
        kept.write_bytes(before)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for _ in range(2):
        syntax._parser.cache_clear()
        assert parse(WHOLE, "x.flow").id.text == "x"
    assert kept.stat().st_size > 1000


def test_without_a_cache_the_tables_are_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    syntax._parser.cache_clear()
    assert parse(WHOLE, "x.flow").id.text == "x"


def nested(count: int, each: str) -> str:
    return "".join("  " * depth + f"{each}:\n" for depth in range(1, count + 1))


def test_depth_is_bounded_and_told() -> None:
    wrong = refused(HEAD + nested(500, "optionally"))
    assert wrong is not None
    assert "nested deeper" in wrong.sentence
    wrong = refused(HEAD + INVITE + f"    where {'not ' * 20_000}Event present\n")
    assert wrong is not None
    assert "nested too deeply" in wrong.sentence


@given(st.integers(0, len(WHOLE)), st.text(max_size=8))
def test_any_text_is_a_flow_or_an_error_with_a_place(at: int, put: str) -> None:
    wrong = refused(WHOLE[:at] + put + WHOLE[at + len(put) :])
    if wrong is not None:
        assert wrong.line >= 1
        assert wrong.render().startswith("x.flow:")


@given(st.text(max_size=200))
def test_any_text_at_all(text: str) -> None:
    wrong = refused(text)
    assert wrong is None or wrong.sentence
