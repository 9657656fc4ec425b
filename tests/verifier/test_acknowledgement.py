"""What acknowledges a short message: its SIP answer, or the RP-ACK, whichever comes first."""

from conformance.observation.trace import Observation
from conformance.reference.engine.timer import SECOND
from conformance.reference.world.setting import SMS_USER
from conformance.reference.world.world import World
from conformance.sip.message import SipResponse
from conformance.verifier.verdict import Verdict
from tests.verifier.worlds import failing, judged, story

GATEWAY, TELEPHONE = "10.0.4.1", "10.0.5.1"


def sends(world: World) -> None:
    world.simulation.after(SECOND, world.client.register)
    send = lambda: world.client.send_pager(SMS_USER, "See you at eight.") and None  # noqa: E731
    world.simulation.after(10 * SECOND, send)


def late_answer(one: Observation) -> bool:
    """The telephone's SIP answer, as if the network had lost it."""
    ends = one.source.host, one.destination.host
    return isinstance(one.message, SipResponse) and ends == (TELEPHONE, GATEWAY)


def test_that_the_report_of_the_short_message_is_enough() -> None:
    (one,) = judged(story("interwork-out", sends), drop=late_answer)
    assert one.verdict is Verdict.PASS
    assert one.seen == one.printed


def test_that_a_report_begins_no_conversation_of_its_own() -> None:
    results = judged(story("interwork-out", sends))
    assert [one.flow for one in results] == ["interwork-out"]
    assert failing(results) == []
