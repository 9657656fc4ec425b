"""Where a text crosses from CPM to another service."""

from conformance.cpm.role import Role
from conformance.observation.content import Content
from conformance.sip.message import SipRequest
from conformance.verifier.segments import text_of
from conformance.verifier.texts import Texts
from tests.ladder import Ladder
from tests.scenarios import interwork_in, interwork_out


def crossings(ladder: Ladder) -> set[tuple[str, Role]]:
    texts = Texts()
    found = set()
    for shot, item in zip(ladder.shots, ladder.trace().items, strict=True):
        if isinstance(item.message, SipRequest):
            taken = texts.take(item.message, shot.source.host, shot.destination.host, 1)
            found |= {(place, role) for place, role, _ in taken}
    return found


def test_that_the_interworking_function_is_where_the_kind_changes() -> None:
    assert {("10.0.4.1", Role.IWF), ("10.0.5.1", Role.NONCPM)} <= crossings(interwork_out.build())
    assert ("10.0.4.1", Role.IWF) in crossings(interwork_in.build())


def test_that_the_text_is_the_same_on_both_sides() -> None:
    ladder = interwork_out.build()
    items = ladder.trace().items
    cpm, plain = (text_of(Content(items[ladder.find(label)].message)) for label in ("4", "5"))
    assert cpm == plain != ""


def test_that_a_message_without_text_says_nothing() -> None:
    ladder = interwork_out.build()
    assert text_of(Content(ladder.trace().items[ladder.find("7")].message)) == ""


def test_that_a_text_is_read_in_its_charset() -> None:
    head = "MESSAGE sip:a@b SIP/2.0\r\nContent-Type: text/plain; charset=utf-16be\r\n\r\n"
    assert text_of(Content(SipRequest(head.encode() + "да".encode("utf-16be")))) == "да"
