from dataclasses import replace
from xml.etree.ElementTree import fromstring

from conformance.cpm.role import Role
from conformance.report.figure import figure
from conformance.report.ladder import layout
from conformance.report.render_svg import render_svg
from tests.report.samples import cut_pager, failed_pull, message, passed_pager

NS = "{http://www.w3.org/2000/svg}"


def test_the_drawing_is_well_formed_and_the_same_each_time(golden) -> None:
    drawn = render_svg(layout(failed_pull()), title="pull-1")
    fromstring(drawn)
    golden("ladder.svg", drawn)


def test_rows_have_the_class_of_their_look() -> None:
    root = fromstring(render_svg(layout(failed_pull()), title="t"))
    classes = [group.get("class") for group in root.iter(f"{NS}g")]
    assert classes == ["step"] * 4 + ["missing"] * 2 + ["violated", "implied"]
    assert len([r for r in root.iter(f"{NS}rect") if r.get("class") == "parting"]) == 1


def test_signs_say_what_colour_says() -> None:
    text = "".join(fromstring(render_svg(layout(failed_pull()), title="t")).itertext())
    assert "✗ missing: NOTIFY" in text
    pending = "".join(fromstring(render_svg(layout(cut_pager()), title="t")).itertext())
    assert "… not seen" in pending


def test_markup_of_the_wire_is_escaped() -> None:
    evil = '"><script>alert(1)</script>&lt;\x1b'
    line = message(1, Role.PF, Role.CORE, evil, "2", "2-3")
    drawn = render_svg(
        layout(replace(passed_pager(), ladder=(line,), steps=())), title=evil, link='"x<'
    )
    assert "<script" not in drawn
    assert "\x1b" not in drawn
    fromstring(drawn)


def test_rows_link_to_their_message() -> None:
    root = fromstring(render_svg(layout(failed_pull()), title="t", link="i=pull-1"))
    links = [link.get("href") for link in root.iter(f"{NS}a")]
    assert links == [f"#i=pull-1&m={place}" for place in range(6)]
    assert root.get("role") == "group"
    assert "href" not in render_svg(layout(failed_pull()), title="t")


def test_a_message_within_one_party_and_an_empty_ladder_are_drawn() -> None:
    inner = message(1, Role.CORE, Role.CORE, "MESSAGE", "3", "2-3", folded=1)
    assert "×2" in render_svg(layout(replace(passed_pager(), ladder=(inner,))), title="t")  # noqa: RUF001
    fromstring(render_svg(layout(replace(passed_pager(), ladder=(), steps=())), title="t"))


def test_marks_lead_to_findings_and_pauses_span_the_parties() -> None:
    found = failed_pull()
    drawing = figure(found, found.findings[:1]).folded
    root = fromstring(render_svg(drawing, title="t", link="i=pull-1"))
    assert "#i=pull-1&f=1" in [link.get("href") for link in root.iter(f"{NS}a")]
    assert "expected" in [group.get("class") for group in root.iter(f"{NS}g")]
    late = (found.ladder[0], replace(found.ladder[1], time=found.ladder[1].time + 5 * 10**9))
    text = "".join(
        fromstring(
            render_svg(figure(replace(found, ladder=late), ()).folded, title="t")
        ).itertext()
    )
    assert "5.0 s later" in text


def test_a_page_may_bring_the_style() -> None:
    assert "<style>" not in render_svg(layout(failed_pull()), title="t", style=False)
