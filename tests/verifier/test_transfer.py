"""MSRP messages put together from their chunks."""

from dataclasses import replace

from conformance.cpm.role import Role
from conformance.observation.content import DEFAULT_PATHS
from conformance.observation.trace import Closing
from conformance.verifier.transfer import Channel, Transfer
from tests.ladder import Ladder
from tests.scenarios import push_large

PF, CLIENT = Role.PF, Role.CLIENT


def sent(ladder: Ladder) -> Channel:
    """The channel after every MSRP message of a ladder."""
    channel = Channel(0, PF, CLIENT)
    for shot, item in zip(ladder.shots, ladder.trace().items, strict=True):
        if shot.is_msrp:
            channel.take(item, PF if shot.sender == "pf" else CLIENT)
    return channel


def only(channel: Channel) -> Transfer:
    (transfer,) = channel.from_role(PF)
    return transfer


def test_that_chunks_of_one_message_id_are_one_message() -> None:
    transfer = only(sent(push_large.build(chunk=1024)))
    assert transfer.complete
    assert transfer.confirmed
    wrapped = transfer.content(DEFAULT_PATHS).cpim
    assert wrapped.message_id


def test_that_an_unanswered_chunk_is_not_confirmed() -> None:
    ladder = push_large.build(chunk=1024)
    last = max(i for i, shot in enumerate(ladder.shots) if shot.is_msrp)
    transfer = only(sent(ladder.drop(last)))
    assert transfer.complete
    assert not transfer.confirmed


def test_that_a_missing_chunk_leaves_a_message_incomplete() -> None:
    ladder = push_large.build(chunk=1024)
    assert not only(sent(ladder.drop(ladder.find("6", 1)))).complete


def test_that_an_empty_send_is_no_message() -> None:
    assert sent(push_large.build()).from_role(CLIENT) == []


def test_that_reports_and_answers_are_no_messages() -> None:
    channel = sent(push_large.build(success_report=True))
    assert len(channel.from_role(PF)) == 1
    assert channel.from_role(CLIENT) == []


def test_the_other_side() -> None:
    channel = Channel(0, PF, CLIENT)
    assert (channel.other(PF), channel.other(CLIENT)) == (CLIENT, PF)


def reported(status: str) -> Transfer:
    """The one message of a session whose client sends no answer but a report."""
    ladder = push_large.build(success_report=True, failure_report="no")
    last = max(i for i, shot in enumerate(ladder.shots) if b" REPORT" in shot.octets[:30])
    octets = ladder.shots[last].octets.replace(b"000 200 OK", status.encode())
    return only(sent(ladder.replace(last, octets)))


def test_that_a_report_confirms_a_whole_message() -> None:
    assert reported("000 200 OK").is_acknowledged
    assert not only(sent(push_large.build(failure_report="no"))).is_acknowledged


def test_that_a_report_of_failure_takes_an_answer_back() -> None:
    transfer = reported("000 481 No such session")
    assert (transfer.refused, transfer.confirmed) == (481, False)


def test_that_who_closed_a_connection_first_is_kept_and_forgotten_with_a_new_connection() -> None:
    ladder = push_large.build(chunk=1024)
    channel = Channel(0, PF, CLIENT)
    items = [item for shot, item in zip(ladder.shots, ladder.trace(), strict=True) if shot.is_msrp]
    first = items[0]
    assert channel.leads(first, PF)
    assert not any(channel.leads(item, PF) for item in items if item.source == first.source)
    for time in (3, 2, 5):
        channel.close(Closing(9, first.time + time, 0, first.destination, first.source))
    assert {role: one.time - first.time for role, one in channel.closed.items()} == {CLIENT: 2}
    channel.close(Closing(9, first.time + 7, 0, first.source, first.destination))
    assert set(channel.closed) == {CLIENT, PF}
    moved = replace(first, source=first.source._replace(port=first.source.port + 1))
    assert channel.leads(moved, PF)
    assert not channel.closed


def test_that_ways_without_end_are_not_kept() -> None:
    first = push_large.build().trace().items[0]
    channel = Channel(0, PF, CLIENT)
    moved = (replace(first, source=first.source._replace(port=port)) for port in range(1, 99))
    assert sum(channel.leads(one, PF) for one in moved) == 16
