import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.engine.component import Datagram
from conformance.reference.engine.timer import ACCESS, SECOND
from conformance.reference.transactions import transaction as module
from conformance.reference.transactions.transaction import Failure, ServerTransaction
from tests.reference.sip_rig import PEER, TCP, UDP, Answerer, Asker, answer, draft
from tests.reference.wiring import HOST_A, HOST_B, Carried, Host, Wire, two


def ends(*statuses: int) -> tuple[Wire, Host, Host, Asker, Answerer]:
    wire, a, b = two()
    server = Answerer(*statuses)
    b.transactions.user = server
    return wire, a, b, Asker(), server


def test_a_request_and_its_answer():
    wire, a, b, user, _server = ends(200)
    client = a.transactions.send(draft(), UDP, user)
    wire.run()
    assert user.statuses == [200]
    assert client.request.branch.startswith("z9hG4bK")
    assert a.is_idle
    assert b.is_idle


def test_the_caller_s_draft_stays_as_it_is():
    wire, a, _, user, server = ends(200)
    made = draft()
    a.transactions.send(made, UDP, user)
    a.transactions.send(made, UDP, user)
    wire.run()
    assert made.get("Via") is None
    assert len({one.request.branch for one in server.transactions}) == 2


def test_a_request_sent_again_is_answered_again_and_told_once():
    wire, a, _, user, server = ends(200)
    wire.loses = lambda carried: carried.number == 1
    a.transactions.send(draft(), UDP, user)
    wire.run()
    assert len(server.transactions) == 1
    assert user.statuses == [200]
    assert wire.starts() == ["MESSAGE sip:b@10.0.0.2 SIP/2.0", "SIP/2.0 200 OK"] * 2


def test_the_timers_are_the_transaction_s():
    wire, a, _, user, _ = ends()
    wire.loses = lambda carried: True
    a.transactions.send(draft(), UDP, user, timers=ACCESS)
    begin = wire.now
    wire.run()
    assert user.failures == [Failure.TIMEOUT]
    assert wire.now - begin == 128 * SECOND


def test_an_ack_to_a_2xx_goes_to_the_user():
    wire, a, _, user, server = ends(200)
    a.transactions.send(draft("INVITE"), UDP, user)
    wire.run(seconds=0.1)
    a.transactions.send_statelessly(draft("ACK"), UDP)
    wire.run()
    assert [ack.method for ack in server.acks] == ["ACK"]
    a.transactions.send_statelessly(draft("ACK").add("X", "\n"), UDP)
    wire.run()
    assert len(wire.noted("unsendable")) == 1


def test_the_same_ack_has_the_same_branch():
    wire, a, _, _, server = ends()
    for made in (draft("ACK"), draft("ACK"), draft("ACK", cseq=2)):
        a.transactions.send_statelessly(made, UDP)
    wire.run()
    branches = [ack.branch for ack in server.acks]
    assert branches[0] == branches[1] != branches[2]


def test_an_ack_with_the_invite_s_branch_in_accepted_goes_to_the_user():
    wire, a, _, user, server = ends(200)
    client = a.transactions.send(draft("INVITE"), UDP, user)
    wire.run(seconds=0.1)
    ack = draft("ACK").push("Via", client.draft.all("Via")[0])
    a.transport.send_request(ack, UDP)
    wire.run(seconds=0.1)
    assert len(server.acks) == 1


def test_a_2xx_repeated_is_told_each_time_while_in_accepted():
    wire, a, b, user, server = ends(200)
    a.transactions.send(draft("INVITE"), UDP, user)
    wire.run(seconds=1)
    server.transactions[0].respond(answer(server.transactions[0].request, 200))
    wire.run()
    assert user.statuses == [200, 200]
    assert b.is_idle


def test_a_stray_goes_to_the_user():
    wire, a, b, user, server = ends(200)
    a.transactions.user = other = Answerer()
    a.transactions.send(draft(), UDP, user)
    wire.run()
    response = server.transactions[0].last
    assert response is not None
    b.station.send(Datagram(b.endpoint, a.endpoint, response.octets()))
    wire.run()
    assert [stray.status for stray in other.strays] == [200]


def test_a_cancel_of_nothing_known():
    wire, a, b, user, _ = ends()
    a.transactions.send(draft("CANCEL"), UDP, user)
    wire.run()
    assert user.statuses == [481]
    assert b.is_idle


@pytest.mark.parametrize("statuses", [(), (180,)])
def test_a_cancel_ends_the_invite(statuses):
    # given
    wire, a, b, user, _ = ends(*statuses)
    client = a.transactions.send(draft("INVITE"), UDP, user)
    wire.run(seconds=1)
    # when
    client.cancel()
    wire.run()
    # then
    assert user.statuses[-1] == 487
    answers = [c.octets.decode() for c in wire.carried if c.start == "SIP/2.0 200 OK"]
    assert len(answers) == 1
    assert ";tag=b1" in answers[0] if statuses else ";tag=" in answers[0].partition("To:")[2]
    assert a.is_idle
    assert b.is_idle


def test_a_cancel_too_late_changes_nothing():
    # given
    wire, a, _b, user, _ = ends(180, 200)
    wire.loses = lambda carried: carried.start == "SIP/2.0 200 OK" and carried.number < 3
    client = a.transactions.send(draft("INVITE"), UDP, user)
    wire.run(seconds=0.05)
    # when
    client.cancel()
    wire.run(seconds=1)
    # then
    assert user.statuses == [180]
    assert "SIP/2.0 487 Request Terminated" not in wire.starts()


def test_the_user_of_an_invite_is_asked_when_it_is_cancelled():
    wire, a, _b, user, server = ends(180)
    client = a.transactions.send(draft("INVITE"), UDP, user)
    wire.run(seconds=0.1)
    invite = server.transactions[0]
    invite.on_cancel = lambda: invite.respond(answer(invite.request, 486))
    client.cancel()
    wire.run()
    assert user.statuses == [180, 486]


def test_the_same_request_by_another_way_is_merged():
    wire, a, b, user, server = ends(200)
    a.transactions.send(draft(), UDP, user)
    a.transactions.send(draft(), UDP, user)
    a.transactions.send(draft(cseq=2), UDP, user)
    wire.run(seconds=1)
    merged = [b.transactions.is_merged(one) for one in server.transactions]
    assert merged == [True, True, False]


def test_what_has_come_round_to_us_is_not_merged():
    wire, a, b, user, server = ends(200)
    made = draft()
    a.transactions.send(made, UDP, user)
    made.push("Via", f"SIP/2.0/UDP {HOST_B}:5060;branch=z9hG4bKown")
    a.transactions.send(made, UDP, user)
    wire.run(seconds=1)
    assert not b.transactions.is_merged(server.transactions[1])


def test_too_many_requests_are_refused(monkeypatch):
    # given
    monkeypatch.setattr(module, "MAX_TRANSACTIONS", 3)
    wire, a, _b, user, server = ends()
    # when
    for cseq in range(6):
        a.transactions.send(draft(cseq=cseq), UDP, user)
    wire.run(seconds=1)
    # then
    assert len(server.transactions) == 3
    assert user.statuses == [503, 503, 503]


def test_a_refusal_that_cannot_be_written(monkeypatch):
    monkeypatch.setattr(module, "MAX_TRANSACTIONS", 0)
    wire, a, b, _, _ = ends()
    octets = draft().add("Via", "SIP/2.0/UDP h").octets().replace(b"a1", b"a\r1")
    a.station.send(Datagram(a.endpoint, b.endpoint, octets))
    wire.run()
    assert [note.what for _, note in wire.notes] == ["overloaded", "unsendable"]


def test_without_a_user_nothing_happens():
    wire, a, b, user, _ = ends()
    b.transactions.user = None
    a.transactions.send(draft(), UDP, user)
    a.transactions.send_statelessly(draft("ACK"), UDP)
    wire.run()
    assert user.failures == [Failure.TIMEOUT]


class Slow(Answerer):
    """A user that answers after a while."""

    def __init__(self, host: Host, delay: int, statuses: tuple[int, ...]) -> None:
        super().__init__()
        self.host = host
        self.delay = delay
        self.slow_statuses = statuses

    def request(self, transaction: ServerTransaction) -> None:
        self.transactions.append(transaction)
        for index, status in enumerate(self.slow_statuses):
            self.host.station.after(
                self.delay * (index + 1),
                lambda status=status: transaction.respond(answer(transaction.request, status)),
            )


@given(
    st.sets(st.integers(0, 40)),
    st.sets(st.integers(0, 40)),
    st.sampled_from(["MESSAGE", "INVITE", "SUBSCRIBE"]),
    st.sampled_from([(200,), (486,), (180, 200), (180, 183, 486)]),
    st.sampled_from([0, SECOND // 10, 3 * SECOND]),
    st.booleans(),
)
def test_loss_and_duplication_leave_nothing_behind(lost, doubled, method, statuses, delay, tcp):
    # given
    wire, a, b = two()
    b.transactions.user = server = Slow(b, delay, statuses)
    user = Asker()
    wire.loses = lambda carried: carried.number in lost
    wire.doubles = lambda carried: carried.number in doubled
    # when
    a.transactions.send(draft(method), TCP if tcp else UDP, user)
    wire.run()
    # then
    assert user.is_told
    assert len(server.transactions) <= 1
    assert a.is_idle
    assert b.is_idle


@settings(max_examples=50)
@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)), st.integers(0, 3000))
def test_a_cancel_at_any_time_leaves_nothing_behind(lost, doubled, milliseconds):
    # given
    wire, a, b = two()
    b.transactions.user = Slow(b, SECOND, (180, 200))
    user = Asker()
    wire.loses = lambda carried: carried.number in lost
    wire.doubles = lambda carried: carried.number in doubled
    client = a.transactions.send(draft("INVITE"), UDP, user)
    # when
    wire.run(seconds=milliseconds / 1000)
    client.cancel()
    wire.run()
    # then
    assert user.is_told
    assert a.is_idle
    assert b.is_idle


GARBAGE = [
    f"INVITE sip:b@{HOST_B} SIP/2.0\r\n"
    f"Via: SIP/2.0/UDP {HOST_A}:5060;branch=z9hG4bK{{n}};rport\r\n"
    "From: {n}\r\nTo: ,\r\nCall-ID: {n}\r\nCSeq: 1 INVITE\r\n\r\n",
    f"ACK x SIP/2.0\r\nVia: SIP/2.0/UDP {HOST_A}:99999;branch={{n}}\r\n"
    'From: "\r\nTo: <\r\nCall-ID: \x00\r\nCSeq: 1 ACK\r\n\r\n',
    f"CANCEL sip:b SIP/2.0\r\nVia: SIP/2.0/UDP {HOST_A};branch=z9hG4bK{{n}}\r\n"
    "From: a\r\nTo: b\rc\r\nCall-ID: 1\r\nCSeq: 1 CANCEL\r\n\r\n",
    f"SIP/2.0 200\r\nVia: SIP/2.0/UDP {HOST_B}:5060;branch=z9hG4bK{{n}}\r\n"
    "From: a\r\nTo: b\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n",
    "X@y \x07 SIP/2.0\r\nVia: SIP/2.0/UDP [::1];rport\r\nFrom: a\r\nTo: b\r\nCall-ID: 1\r\n"
    "CSeq: 1 X@y\r\n\r\n",
    "MESSAGE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK{n}\r\nFrom: a\r\nTo: b\r\n"
    "Call-ID: 1\r\nCSeq: 1 MESSAGE\r\nX\x01Y: z\r\n\r\n",
]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(GARBAGE), st.integers(0, 3)), max_size=12))
def test_garbage_neither_raises_nor_stays(pieces):
    wire, a, b = two()
    b.transactions.user = Answerer(180, 486)
    for text, number in pieces:
        octets = text.replace("{n}", str(number)).encode()
        a.station.send(Datagram(a.endpoint, PEER, octets))
    wire.run()
    assert b.is_idle


def test_a_carried_message_knows_its_first_line():
    carried = Carried(0, 0, PEER, PEER, UDP.transport, b"BYE sip:a SIP/2.0\r\n\r\n")
    assert carried.start == "BYE sip:a SIP/2.0"
