from dataclasses import replace

from conformance.cpm.role import Role
from conformance.report.ladder import Look, layout
from conformance.report.text_ladder import lines
from tests.report.samples import cut_pager, failed_pull, message, passed_pager


def test_the_ladder_as_text(golden) -> None:
    golden("ladder.txt", "\n".join(line.text for line in lines(layout(failed_pull()), 110)) + "\n")


def test_plain_ascii_where_the_terminal_knows_no_more() -> None:
    text = "\n".join(line.text for line in lines(layout(cut_pager()), 100, unicode=False))
    drawn = text.replace("…", "").replace("µ", "")
    assert drawn.isascii()
    assert "..>" in drawn
    assert "<--" in drawn


def test_it_keeps_to_the_width_unless_there_is_no_room() -> None:
    for width in (80, 120, 200):
        assert max(len(line.text) for line in lines(layout(failed_pull()), width)) <= width
    assert lines(layout(failed_pull()), 10)


def test_messages_within_one_party_and_copies_are_drawn() -> None:
    inner = message(1, Role.CORE, Role.CORE, "MESSAGE x", "3", "2-3", folded=2)
    drawn = [line.text for line in lines(layout(replace(passed_pager(), ladder=(inner,))), 100)]
    assert "3 MESSAGE x x3" in drawn[2]
    assert "◀" in drawn[3]


def test_each_line_knows_its_look() -> None:
    looks = [line.look for line in lines(layout(failed_pull()), 100)]
    assert looks[:2] == [None, None]
    assert looks.count(Look.MISSING) == 4
