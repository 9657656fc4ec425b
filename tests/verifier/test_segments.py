"""Short messages: their texts, the segments of a long one, the numbers that they name."""

from dataclasses import replace

import pytest

from conformance.body import sms, tpdu
from conformance.body.sms_fields import Address
from conformance.body.sms_user_data import Concatenation, of_text
from conformance.observation.content import Content
from conformance.reference.engine.timer import SECOND
from conformance.reference.world.setting import ALICE_TEL, SMS_USER, SmsLeg
from conformance.reference.world.world import World
from conformance.sip.message import SipRequest
from conformance.sip.parser import parse
from conformance.verifier.segments import is_another, joined, segment_of, text_of
from conformance.verifier.verdict import Verdict
from tests.verifier.worlds import failing, judged, story

LONG = "The minutes of the meeting, word for word. " * 9


def part(text: str, sequence: int, total: int = 2, reference: int = 7) -> Content:
    data = of_text(text, Concatenation(reference, total, sequence))
    user_data = tpdu.write(tpdu.Submit(Address("15550177"), data))
    body = sms.write(sms.RpData(1, user_data, to_network=True))
    head = (
        "MESSAGE sip:centre@example.org SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 MESSAGE\r\n"
        f"Content-Type: {sms.MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    message = parse(head.encode() + body)
    assert isinstance(message, SipRequest)
    return Content(message)


def test_that_a_segment_says_its_part_and_its_place() -> None:
    content = part("first ", 1)
    assert text_of(content) == "first "
    assert segment_of(content) == Concatenation(7, 2, 1)


def test_that_segments_are_joined_in_their_order_once_all_have_come() -> None:
    first, second = part("first ", 1), part("second", 2)
    assert joined([second]) is None
    assert joined([second, first]) == "first second"
    assert joined([]) == ""


def test_that_a_segment_belongs_to_those_of_its_reference() -> None:
    first = part("first ", 1)
    assert is_another([first], part("second", 2))
    assert not is_another([first], part("second", 2, reference=8))
    assert not is_another([], part("second", 2))


def register(world: World) -> None:
    world.simulation.after(SECOND, world.client.register)


def sends(text: str) -> object:
    def script(world: World) -> None:
        register(world)
        send = lambda: world.client.send_pager(SMS_USER, text) and None  # noqa: E731
        world.simulation.after(10 * SECOND, send)

    return script


def receives(text: str) -> object:
    def script(world: World) -> None:
        register(world)
        send = lambda: world.noncpm.send(ALICE_TEL, text) and None  # noqa: E731
        world.simulation.after(10 * SECOND, send)

    return script


@pytest.mark.parametrize("leg", ["rp", "centre", "plain"])
@pytest.mark.parametrize("script", [sends(LONG), receives(LONG), sends("Yes"), receives("No")])
def test_that_a_text_is_one_conversation_in_however_many_short_messages(
    leg: SmsLeg, script: object
) -> None:
    told = story("interwork-out", script)  # type: ignore[arg-type]
    results = judged(replace(told, setting=replace(told.setting, sms_leg=leg)))
    assert failing(results) == []
    assert [one.verdict for one in results] == [Verdict.PASS]
    assert results[0].seen == results[0].printed
