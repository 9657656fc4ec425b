from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from conformance.report.figure import figure
from conformance.report.sequence import mermaid, plain, plantuml
from tests.report.samples import failed_pull, passed_pager


def drawing():
    made = failed_pull()
    late = replace(made.ladder[-1], time=made.ladder[-1].time + 5 * 10**9)
    return figure(replace(made, ladder=(*made.ladder[:-1], late)), ()).folded


def test_mermaid(golden) -> None:
    golden("ladder.mermaid", mermaid(drawing()))


def test_plantuml(golden) -> None:
    golden("ladder.plantuml", plantuml(drawing()))


def test_plain_lines_hold_every_row() -> None:
    text = plain(drawing())
    assert "6 ✗ missing: NOTIFY" in text
    [pause] = [line for line in text.splitlines() if "5.0 s later" in line]
    assert not {"─", "╌", "▶", "◀"} & set(pause)


@given(st.text(max_size=80))
def test_no_text_of_the_wire_ends_its_statement(text: str) -> None:
    made = passed_pager()
    odd = replace(made, ladder=(replace(made.ladder[0], summary=text), *made.ladder[1:]))
    shown = figure(odd, ()).folded
    assert mermaid(shown).count("\n") == mermaid(figure(made, ()).folded).count("\n")
    assert ";" not in mermaid(shown).replace("#", "\0#").split("\0")[0]
    assert plantuml(shown).count("\n") == plantuml(figure(made, ()).folded).count("\n")


def test_signs_of_the_languages_are_spelt_out() -> None:
    made = passed_pager()
    odd = replace(made.ladder[0], summary="a;b#c //d// [[http://x]] **e**")
    shown = figure(replace(made, ladder=(odd,)), ()).folded
    assert "a#59;b#35;c" in mermaid(shown)
    assert not {"[[", "//", "**"} & {plantuml(shown)[at : at + 2] for at in range(2000)}
