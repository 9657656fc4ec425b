from conformance.reference.engine.timer import MILLISECOND, NETWORK, SECOND
from conformance.reference.user_agents.acceptance import Acceptance
from tests.reference.sip_rig import TCP, UDP, Answerer, Asker, answer, draft
from tests.reference.wiring import two


def begun(target=UDP):
    wire, a, b = two()
    server = Answerer()
    b.transactions.user = server
    a.transactions.send(draft("INVITE"), target, Asker())
    wire.run(seconds=0.1)
    transaction = server.transactions[0]
    gone: list[int] = []
    acceptance = Acceptance(
        b.station,
        NETWORK,
        transaction,
        answer(transaction.request, 200),
        lambda: gone.append(wire.now),
    )
    begin = wire.now
    acceptance.begin()
    return wire, acceptance, gone, begin


def times(wire, begin) -> list[int]:
    return [(c.time - begin) // MILLISECOND for c in wire.carried if " 200 " in c.start]


def test_a_2xx_is_sent_until_64_t1():
    for target in (UDP, TCP):
        wire, _, gone, begin = begun(target)
        wire.run()
        expected = [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]
        assert times(wire, begin) == expected
        assert gone == [begin + 32 * SECOND]


def test_an_ack_ends_it():
    wire, acceptance, gone, begin = begun()
    wire.run(seconds=1)
    acceptance.end()
    wire.run()
    assert times(wire, begin) == [0, 500]
    assert gone == []
    assert acceptance.cseq == 1
