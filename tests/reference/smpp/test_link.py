import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Accepted, Close, Connection, Octets
from conformance.reference.engine.timer import SECOND
from conformance.reference.smpp.link import SmppLink
from conformance.reference.smpp.pdu import Bind, Command, Pdu, ShortMessage, Status, parse, write
from conformance.reference.smpp.states import SmppTimers
from tests.reference.smpp.ends import SMSC, Ends
from tests.reference.wired import START, station

PEER = Connection(SMSC, Endpoint("10.0.4.1", 40_000))
BIND = write(Pdu(Command.BIND_TRANSCEIVER, 1, Bind("iwf", "secret")))
SUBMIT = write(Pdu(Command.SUBMIT_SM, 2, ShortMessage(destination_addr="15550177")))


def said(*parts):
    """What the SMSC answers to these octets, and whether it closes."""
    smsc = Ends().smsc
    effects = smsc.station.receive(START, Accepted(PEER))
    for part in parts:
        effects += smsc.station.receive(START, Octets(PEER, part))
    answers = [parse(effect.octets) for effect in effects if isinstance(effect, Octets)]
    return answers, any(isinstance(effect, Close) for effect in effects)


def test_that_an_unknown_command_is_refused_and_the_session_goes_on():
    unknown = b"\0\0\0\x10\0\0\x01\x02\0\0\0\0\0\0\0\x09"
    answers, closes = said(unknown, BIND)
    assert answers[0] == Pdu(Command.GENERIC_NACK, 9, None, Status.RINVCMDID)
    assert answers[1].status == Status.ROK
    assert not closes


def test_that_a_request_that_cannot_be_read_is_refused_by_its_own_response():
    broken = b"\0\0\0\x11\0\0\0\x04\0\0\0\0\0\0\0\x05\0"
    assert said(broken)[0] == [Pdu(Command.SUBMIT_SM_RESP, 5, None, Status.RINVPARLEN)]


def test_that_a_response_that_cannot_be_read_is_not_answered():
    broken = b"\0\0\0\x11\x80\0\0\x04\0\0\0\0\0\0\0\x05x"
    assert said(broken) == ([], False)


@pytest.mark.parametrize("octets", [b"\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 16])
def test_that_a_stream_that_makes_no_sense_is_closed(octets):
    answers, closes = said(octets)
    assert answers == [Pdu(Command.GENERIC_NACK, 0, None, Status.RINVCMDLEN)]
    assert closes


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.just(BIND),
            st.just(SUBMIT),
            st.builds(
                lambda command, rest: (
                    (16 + len(rest)).to_bytes(4) + command.to_bytes(4) + bytes(8) + rest
                ),
                st.sampled_from(list(Command)),
                st.binary(max_size=40),
            ),
        ),
        max_size=6,
    )
)
def test_that_garbage_is_never_more_than_an_answer(parts):
    answers, _ = said(*parts)
    assert all(isinstance(answer, Pdu) for answer in answers)


def test_that_a_quiet_session_is_asked_whether_it_lives():
    # Given both sides, of which the ESME asks after a minute
    ends = Ends(timers=SmppTimers(enquire_link=60 * SECOND)).bind()
    before = len(ends.ladder)
    # When nothing happens for half that, a message, and then nothing for long
    ends.wires.wait(30 * SECOND)
    ends.submit()
    ends.wires.wait(59 * SECOND)
    assert "> enquire_link" not in ends.ladder[before:]
    ends.wires.wait(SECOND)
    # Then it is asked, and answers
    assert "> enquire_link" in ends.ladder
    assert "< enquire_link_resp" in ends.ladder
    ends.wires.wait(1_800 * SECOND)
    assert ends.esme.is_bound
    assert ends.smsc.is_bound


def test_that_a_dead_peer_ends_the_session():
    ends = Ends().bind()
    ends.wires.deaf.add(SMSC.host)
    ends.wires.wait(89 * SECOND)
    assert ends.esme.is_bound
    ends.wires.wait(SECOND)
    assert ends.at_iwf.events[-1] == "closed: no answer to enquire_link"
    assert ends.at_smsc.events[-1] == "closed: the peer closed the connection"


def test_that_an_heir_says_what_becomes_of_requests():
    link = SmppLink(station("10.0.4.1"), None)
    with pytest.raises(NotImplementedError):
        link.take_request(Pdu(Command.UNBIND, 1))
    with pytest.raises(NotImplementedError):
        link.ended("")
