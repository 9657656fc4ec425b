import pytest

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Accepted, Close, Connection, Octets
from conformance.reference.engine.timer import SECOND
from conformance.reference.network.simulation import Simulation
from conformance.reference.smpp.pdu import (
    Bind,
    Command,
    Pdu,
    ShortMessage,
    Status,
    Tag,
    Tlv,
    parse,
)
from conformance.reference.smpp.pdu import write as written
from conformance.reference.smpp.session import Answer, SmppSession, SmppTimers, State
from conformance.reference.smpp.text import BINARY, USER_DATA_HEADER, MessageState, text_of
from tests.reference.smpp.ends import SMSC, Ends, User
from tests.reference.stations import ROUGH
from tests.reference.wired import START, station

TAKEN = Answer(Status.ROK, "id1")


@pytest.mark.parametrize("cut", [0, 1, 5])
def test_that_a_message_is_submitted_and_its_receipt_comes_back(cut):
    # Given a bound session
    ends = Ends(cut=cut).bind()
    # When a message is submitted, and delivered later
    ends.submit("Grüße", registered_delivery=1, lifetime=90 * SECOND)
    ends.smsc.receipt(
        "+15550177",
        "+15550100",
        "id1",
        MessageState.DELIVERED,
        ends.answers.append,
        submitted_at=START,
    )
    ends.wires.settle()
    # Then the ladder is that of SMPP, and everybody knows
    assert ends.ladder == [
        "> bind_transceiver",
        "< bind_transceiver_resp",
        "> submit_sm",
        "< submit_sm_resp",
        "< deliver_sm",
        "> deliver_sm_resp",
    ]
    assert ends.answers == [TAKEN, Answer(Status.ROK)]
    assert text_of(ends.at_smsc.messages[0]) == "Grüße"
    assert ends.message().validity_period == "000000000130000R"
    assert ends.message().registered_delivery == 1
    (receipt,) = ends.at_iwf.receipts
    assert (receipt.message_id, receipt.state) == ("id1", MessageState.DELIVERED)
    assert ends.at_iwf.messages == []


def test_that_both_sides_know_whom_they_are_bound_to():
    ends = Ends().bind()
    assert ends.at_iwf.events == ["bound to SMSC"]
    assert ends.at_smsc.events == ["bound to iwf"]
    assert (ends.esme.peer, ends.smsc.peer) == ("SMSC", "iwf")
    assert parse(ends.wires.passed[1][1]).tlv(Tag.SC_INTERFACE_VERSION) == b"\x34"


def test_that_a_wrong_password_ends_the_bind():
    ends = Ends().bind("wrong")
    assert ends.at_iwf.events == ["closed: the bind failed: status 0x0000000e"]
    assert ends.esme.state is State.CLOSED
    # And the right one is admitted later.
    ends.bind()
    assert ends.esme.is_bound


def test_that_a_message_centre_that_is_not_there_is_told():
    ends = Ends()
    ends.wires.unreachable.add(SMSC)
    ends.bind()
    assert ends.at_iwf.events == ["closed: connection refused"]


def test_that_a_bind_without_an_answer_is_given_up():
    ends = Ends()
    ends.wires.deaf.add(SMSC.host)
    ends.bind()
    ends.wires.wait(30 * SECOND)
    assert ends.at_iwf.events == ["closed: the bind failed: no answer"]


def test_that_a_peer_that_never_binds_is_closed():
    smsc = Ends().smsc
    peer = Connection(SMSC, Endpoint("10.0.4.1", 40_000))
    smsc.station.receive(START, Accepted(peer))
    assert smsc.station.wake(START + 60 * SECOND) == [Close(peer)]
    assert smsc.state is State.CLOSED


def test_that_a_second_peer_is_turned_away():
    ends = Ends().bind()
    second = Connection(SMSC, Endpoint("10.0.4.9", 40_000))
    assert ends.smsc.station.receive(START, Accepted(second)) == [Close(second)]
    assert ends.smsc.is_bound


def test_that_a_message_for_the_cpm_side_is_delivered_and_answered():
    ends = Ends().bind()
    ends.deliver("Hi", registered_delivery=1)
    assert text_of(ends.at_iwf.messages[0]) == "Hi"
    assert ends.answers == [TAKEN]


@pytest.mark.parametrize("status", [Status.RTHROTTLED, Status.RX_T_APPN, 0x400])
def test_that_a_refusal_is_told_with_its_status(status):
    ends = Ends().bind()
    ends.at_smsc.status = ends.at_iwf.status = status
    ends.submit()
    ends.deliver()
    assert ends.answers == [Answer(status), Answer(status)]


def test_that_an_answer_may_come_later_and_counts_once():
    ends = Ends().bind()
    ends.at_smsc.status = None
    ends.submit()
    assert ends.answers == []
    ends.wires.wait(10 * SECOND)
    for _ in range(2):
        ends.at_smsc.responds[0](Status.ROK, "later\N{SNOWMAN}\0")
    ends.wires.settle()
    assert ends.answers == [Answer(Status.ROK, "later??")]
    assert ends.ladder.count("< submit_sm_resp") == 1


def test_that_an_answer_that_never_comes_is_told_in_time():
    ends = Ends().bind()
    ends.at_smsc.status = None
    ends.submit()
    ends.wires.wait(30 * SECOND)
    assert ends.answers == [Answer(None)]
    # What comes after that is a stray.
    ends.at_smsc.responds[0](Status.ROK, "late")
    ends.wires.settle()
    assert [note.what for _, note in ends.wires.notes] == ["stray"]


def test_that_the_window_holds_back_what_is_too_much():
    ends = Ends(timers=SmppTimers(window=2)).bind()
    ends.at_smsc.status = None
    for _ in range(3):
        ends.submit()
    assert ends.ladder.count("> submit_sm") == 2
    ends.at_smsc.responds[1](Status.ROK, "x")
    ends.wires.settle()
    assert ends.ladder.count("> submit_sm") == 3


def test_that_nothing_is_sent_in_a_wrong_state():
    ends = Ends()
    ends.submit()
    ends.bind()
    ends.smsc.submit("1", "2", "x", ends.answers.append)
    ends.esme.deliver("1", "2", "x", ends.answers.append)
    assert ends.answers == [Answer(Status.RINVBNDSTS)] * 3


def test_that_what_no_pdu_holds_is_refused_at_once():
    ends = Ends().bind()
    ends.submit(bytes(70_000))
    ends.submit("x", esm_class=256)
    assert ends.answers == [Answer(Status.RINVMSGLEN)] * 2


def test_that_octets_go_as_they_are():
    ends = Ends().bind()
    segment = b"\x05\x00\x03\x07\x02\x01first"
    extra = Tlv(Tag.USER_MESSAGE_REFERENCE, b"\0\x07")
    ends.submit(segment, esm_class=USER_DATA_HEADER, tlvs=(extra,), protocol_id=64)
    ends.submit(segment, data_coding=0)
    assert [ends.message(n).short_message for n in (0, 1)] == [segment] * 2
    assert [ends.message(n).data_coding for n in (0, 1)] == [BINARY, 0]
    assert ends.at_smsc.messages[0].tlvs == (extra,)
    assert ends.message(0).protocol_id == 64


@pytest.mark.parametrize("side", ["esme", "smsc"])
def test_that_either_side_unbinds(side):
    ends = Ends().bind()
    getattr(ends, side).unbind()
    ends.wires.settle()
    arrows = (">", "<") if side == "esme" else ("<", ">")
    assert ends.ladder[-2:] == [f"{arrows[0]} unbind", f"{arrows[1]} unbind_resp"]
    assert ends.esme.state is ends.smsc.state is State.CLOSED
    told = {ends.at_iwf.events[-1], ends.at_smsc.events[-1]}
    assert "closed: the peer unbound" in told
    # A new session may begin.
    ends.bind()
    assert ends.esme.is_bound


def test_that_who_waits_is_told_when_the_connection_goes():
    ends = Ends().bind()
    ends.at_smsc.status = None
    ends.submit()
    ends.smsc.close()
    ends.wires.settle()
    assert ends.answers == [Answer(None)]
    assert ends.at_iwf.events[-1] == "closed: the peer closed the connection"
    assert ends.at_smsc.events[-1] == "closed: closed"
    # An answer after the end goes nowhere, nor into the next session.
    ends.bind()
    before = len(ends.wires.passed)
    ends.at_smsc.responds[0](Status.ROK, "late")
    ends.wires.settle()
    assert len(ends.wires.passed) == before


def accepted(*requests):
    """The statuses with which an SMSC answers these requests of a peer."""
    smsc = Ends().smsc
    peer = Connection(SMSC, Endpoint("10.0.4.1", 40_000))
    effects = smsc.station.receive(START, Accepted(peer))
    for number, (command, body) in enumerate(requests, 1):
        octets = written(Pdu(command, number, body))
        effects += smsc.station.receive(START, Octets(peer, octets))
    found = [parse(effect.octets) for effect in effects if isinstance(effect, Octets)]
    return smsc, [pdu.status for pdu in found]


IWF = Bind("iwf", "secret")


@pytest.mark.parametrize(
    ("requests", "statuses"),
    [
        ([(Command.SUBMIT_SM, ShortMessage())], [Status.RINVBNDSTS]),
        ([(Command.DELIVER_SM, ShortMessage())], [Status.RINVBNDSTS]),
        ([(Command.ENQUIRE_LINK, None)], [Status.ROK]),
        ([(Command.BIND_TRANSCEIVER, IWF)] * 2, [Status.ROK, Status.RALYBND]),
        (
            [(Command.BIND_TRANSMITTER, IWF), (Command.SUBMIT_SM, ShortMessage())],
            [Status.ROK, Status.ROK],
        ),
        (
            [(Command.BIND_RECEIVER, IWF), (Command.SUBMIT_SM, ShortMessage())],
            [Status.ROK, Status.RINVBNDSTS],
        ),
    ],
)
def test_that_each_state_admits_what_is_its_own(requests, statuses):
    assert accepted(*requests)[1] == statuses


def test_that_nothing_is_delivered_to_a_transmitter():
    smsc, _ = accepted((Command.BIND_TRANSMITTER, IWF))
    answers = []
    smsc.deliver("1", "2", "x", answers.append)
    assert answers == [Answer(Status.RINVBNDSTS)]


def test_that_a_message_centre_does_not_bind_and_an_esme_is_not_bound():
    ends = Ends()
    ends.smsc.bind("x")
    assert ends.smsc.state is State.CLOSED
    ends.bind()
    bind = written(Pdu(Command.BIND_TRANSCEIVER, 9, IWF))
    connection = ends.wires.passed[0][0]
    (answer,) = ends.esme.station.receive(START, Octets(connection, bind))
    assert parse(answer.octets).status == Status.RINVBNDSTS


def test_that_names_that_do_not_fit_are_an_error():
    with pytest.raises(ValueError, match="system_id"):
        Ends().esme.bind("x" * 16)
    with pytest.raises(ValueError, match="password"):
        Ends().esme.bind("x", "y" * 9)
    with pytest.raises(ValueError, match="system_id"):
        SmppSession(station("10.0.5.1"), User(), "smsc", SMSC, system_id="x" * 16)


def test_that_messages_go_over_a_rough_network_in_their_order():
    # Given a network that loses, repeats and reorders
    ends = Ends()
    simulation = Simulation("rough", START, ROUGH)
    simulation.add("iwf", None, ends.esme.station)
    simulation.add("smsc", None, ends.smsc.station)
    # When many messages are submitted as soon as the session is bound
    simulation.after(0, lambda: ends.esme.bind("iwf", "secret"))
    simulation.run(START + 20 * SECOND)
    for number in range(30):
        simulation.after(
            0,
            lambda text=str(number): ends.esme.submit("1", "2", text, ends.answers.append),
        )
    simulation.run(START + 60 * SECOND)
    # Then each arrived once, in order, and was answered
    assert [text_of(message) for message in ends.at_smsc.messages] == list(map(str, range(30)))
    assert [answer.message_id for answer in ends.answers] == [f"id{n}" for n in range(1, 31)]
