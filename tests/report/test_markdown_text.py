from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance.report.legible import one_line
from conformance.report.markdown_text import code, fenced, inline, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words (10-11), 200 OK.", "plain words (10-11), 200 OK."),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("[a](b)", r"\[a\](b)"),
        ("*a* _b_ `c` ~d~ $e$", r"\*a\* \_b\_ \`c\` \~d\~ \$e\$"),
        ("sip:a@b", "sip:a&#64;b"),
        ("https://a www.b", "https&#58;//a www&#46;b"),
        ("a|b #7", r"a\|b \#7"),
        ("- item", r"\- item"),
        ("12. item", r"12\. item"),
        ("--- is no rule", r"\--- is no rule"),
        ("two\nlines\x1b", r"two lines\\x1b"),
    ],
)
def test_markup_of_the_wire_stays_text(text, shown) -> None:
    assert inline(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("", ""),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a|b", r"`a\|b`"),
    ],
)
def test_code_is_fenced_by_more_than_it_holds(text, shown) -> None:
    assert code(text) == shown


def test_a_block_cannot_be_left_from_within() -> None:
    assert fenced("a\n```\nb").startswith("````text\n")
    assert fenced("a\n```\nb").endswith("\n````")


def test_a_table_is_rows_of_cells() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@given(st.text(st.sampled_from("ab1 -+.()[]<>&#*_`~|!\\$@:/\"'=\n\x1b")))
@example("1. a")
@example("====")
@example("    code")
@example("---")
@example("a\\")
def test_what_is_read_back_is_the_text(text) -> None:
    shown = one_line(text, 400)
    expected = f"<p>{escape(shown, quote=False)}</p>\n" if shown else ""
    assert MARKDOWN.render(inline(text)).replace("&quot;", '"') == expected


@given(st.text(st.sampled_from("ab`| <&\\")))
def test_code_in_a_cell_is_read_back(text) -> None:
    page = MARKDOWN.render(table(("a", "b"), [(code(text), "end")]))
    assert page.count("<td>") == 2
    cell = page.split("<td>")[1].split("</td>")[0]
    expected = escape(one_line(text, 400), quote=False)
    assert cell == (f"<code>{expected}</code>" if expected else "")


@given(st.text(st.sampled_from("ab`~ \n")))
def test_a_block_is_read_back(text) -> None:
    page = MARKDOWN.render(fenced(text))
    assert page.count("<pre>") == 1
    assert page.endswith("</code></pre>\n")
