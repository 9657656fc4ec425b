"""One end of an MSRP session."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.msrp.frames import MsrpStream
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.messaging.msrp_session import MAX_INCOMING, MsrpSession
from tests.reference.messaging.msrp_ends import HERE, THERE, Ends, Heard

CPIM = "message/cpim"


def spoken(ends: Ends, host: str) -> list[str]:
    """What a host has said over MSRP: method and flag, or status."""
    stream, found = MsrpStream(), []
    for message in stream.feed(ends.said_by(host)):
        match message:
            case MsrpRequest():
                found.append(message.method + message.flag)
            case MsrpResponse():
                found.append(str(message.status))
    return found


def test_the_active_end_binds_and_the_passive_end_sends() -> None:
    ends = Ends().start()
    assert (ends.here.said, ends.there.said) == ([("opened",)], [("opened",)])

    ends.offerer.send(b"one", CPIM, message_id="m1")
    ends.run(1)

    assert ends.there.said[1:] == [("received", CPIM, b"one")]
    assert ends.here.said[1:] == [("sent", "m1")]
    assert spoken(ends, THERE.host) == ["SEND$", "200"]
    assert spoken(ends, HERE.host) == ["200", "SEND$"]


def test_what_waits_binds_the_session() -> None:
    ends = Ends(answer="passive")
    ends.offerer.send(b"one", CPIM)
    ends.start()

    assert spoken(ends, HERE.host) == ["SEND$"]
    assert ("received", CPIM, b"one") in ends.there.said


def test_a_long_message_goes_in_chunks_and_comes_whole() -> None:
    ends = Ends().start()
    content = b"0123456789" * 10_000
    told: list[tuple[str, bool]] = []

    identity = ends.offerer.send(content, CPIM, sent=lambda m, ok: told.append((m, ok)))
    ends.run(5)

    assert ends.there.said[-1] == ("received", CPIM, content)
    assert told == [(identity, True)]
    assert spoken(ends, HERE.host)[1:] == ["SEND+"] * 48 + ["SEND$"]
    assert ends.offerer.pending == 0


def test_messages_come_in_the_order_of_sending() -> None:
    ends = Ends().start()
    for text in (b"a" * 9_000, b"b", b"c" * 5_000):
        ends.offerer.send(text, CPIM)
    ends.run(5)

    assert [said[2][:1] for said in ends.there.said[1:]] == [b"a", b"b", b"c"]


def test_a_success_report_is_made_where_it_is_asked_for() -> None:
    ends = Ends().start()
    ends.offerer.send(b"one", CPIM, message_id="m1", success_report=True)
    ends.run(1)

    assert ("reported", "m1", 200) in ends.here.said
    assert spoken(ends, THERE.host) == ["SEND$", "200", "REPORT$"]


@pytest.mark.parametrize("wish", ["no", "partial"])
def test_no_answer_is_given_where_none_is_wished(wish: str) -> None:
    ends = Ends().start()
    ends.offerer.send(b"one", CPIM, message_id="m1", failure_report=wish)
    ends.run(40)

    assert spoken(ends, THERE.host) == ["SEND$"]
    assert ends.here.said[1:] == [("sent", "m1")]


def test_a_side_that_may_not_send_is_refused() -> None:
    ends = Ends().start()
    ends.answerer.send(b"back", CPIM, message_id="m1")
    ends.run(1)

    assert ends.there.said[-1] == ("failed", "m1", 403)


def test_a_type_that_was_not_accepted_is_refused() -> None:
    ends = Ends().start()
    ends.offerer.send(b"one", "image/png", message_id="m1")
    ends.run(1)

    assert ends.here.said[-1] == ("failed", "m1", 415)


def test_a_message_that_nobody_answers_has_failed_after_half_a_minute() -> None:
    ends = Ends().start()
    ends.wire.stations.pop()
    ends.offerer.send(b"one", CPIM, message_id="m1")
    ends.run(29)
    assert ends.here.said[-1] == ("opened",)

    ends.run(2)

    assert ends.here.said[-1] == ("failed", "m1", 408)


def test_when_the_other_end_closes_what_was_on_its_way_has_failed() -> None:
    ends = Ends().start()
    ends.answerer.close()
    ends.offerer.send(b"one", CPIM, message_id="m1")
    ends.run(1)

    assert ends.here.said[1:] == [("failed", "m1", 481), ("closed", "")]
    assert ends.offerer.is_closed
    assert ends.there.said == [("opened",)]


def test_nobody_listening_is_told() -> None:
    ends = Ends()
    ends.links[0].shut()
    ends.start()

    assert ends.there.said == [("closed", "refused")]


def test_an_end_can_have_an_endpoint_of_its_own() -> None:
    station = Station(HERE.host, Chance("alone"))
    session = MsrpSession(station, endpoint=HERE, user=Heard())
    assert station.listening == (HERE,)

    session.close()
    session.close()

    assert station.listening == ()


def test_it_needs_a_place() -> None:
    with pytest.raises(ValueError, match="endpoint or a link"):
        MsrpSession(Station(HERE.host, Chance("x")), user=Heard())


@given(
    st.lists(st.binary(min_size=1, max_size=6_000), min_size=1, max_size=4), st.integers(1, 3_000)
)
@settings(max_examples=50)
def test_every_message_arrives_as_it_was_sent(bodies: list[bytes], chunk: int) -> None:
    ends = Ends().start()
    for body in bodies:
        ends.offerer.send(body, CPIM, chunk=max(chunk, len(body) // 50 + 1))
    ends.run(20)

    assert [said[2] for said in ends.there.said[1:]] == bodies


def chunk(ends: Ends, fields: str, body: bytes, flag: str = "$") -> bytes:
    """A SEND of the offering end's, with these fields."""
    agreement = ends.offerer.agreement
    assert agreement is not None
    paths = f"To-Path: {agreement.remote_path[0]}\r\nFrom-Path: {agreement.local_path[0]}\r\n"
    head = f"MSRP t0001 SEND\r\n{paths}{fields}Content-Type: message/cpim\r\n\r\n"
    return head.encode() + body + f"\r\n-------t0001{flag}\r\n".encode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ("", 400),
        ("Message-ID: m\r\nByte-Range: nonsense\r\n", 400),
        ("Message-ID: m\r\nByte-Range: 0-4/4\r\n", 400),
        ("Message-ID: m\r\nByte-Range: 1-4/999999999999\r\n", 413),
        ("Message-ID: m\r\nByte-Range: 1-4/4\r\n", 200),
    ],
)
def test_a_chunk_that_cannot_be_placed_is_refused(fields: str, status: int) -> None:
    ends = Ends().start()
    ends.offerer.write(chunk(ends, fields, b"text"))
    ends.run(1)

    assert spoken(ends, THERE.host)[-1] == str(status)


def test_a_message_that_its_sender_gives_up_does_not_come() -> None:
    ends = Ends().start()
    fields = "Message-ID: m\r\nByte-Range: 1-4/9\r\n"
    ends.offerer.write(chunk(ends, fields, b"text", "#"))
    ends.run(1)

    assert spoken(ends, THERE.host)[-1] == "200"
    assert ends.there.said == [("opened",)]


def test_no_more_messages_are_put_together_at_once_than_fit() -> None:
    ends = Ends().start()
    for number in range(MAX_INCOMING + 1):
        fields = f"Message-ID: m{number}\r\nByte-Range: 1-4/9\r\n"
        ends.offerer.write(chunk(ends, fields, b"text", "+"))
    ends.run(1)

    assert spoken(ends, THERE.host)[1:] == ["200"] * MAX_INCOMING + ["413"]


def test_a_wish_for_smaller_messages_holds() -> None:
    ends = Ends().start()
    assert ends.answerer.agreement is not None
    ends.answerer.agreement = replace(ends.answerer.agreement, local_max_size=10)
    ends.offerer.send(b"eleven octets", CPIM, message_id="m1")
    ends.run(1)

    assert ends.here.said[-1] == ("failed", "m1", 413)


def test_an_empty_send_that_is_refused_ends_the_session() -> None:
    ends = Ends()
    ends.links[0].leave(ends.offerer)
    ends.start()

    assert ends.there.said == [
        ("opened",),
        ("closed", "the empty SEND was answered 481"),
    ]


def test_another_than_the_agreed_end_is_not_heard() -> None:
    ends = Ends().start()
    octets = chunk(ends, "Message-ID: m\r\nByte-Range: 1-4/4\r\n", b"text")
    ends.offerer.write(octets.replace(ends.offerer.session_id.encode(), b"someone"))
    ends.run(1)

    assert spoken(ends, THERE.host)[-1] == "481"
