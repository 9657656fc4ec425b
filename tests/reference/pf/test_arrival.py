import pytest

from conformance.reference.messaging.content import CpmMessage
from conformance.reference.pf.arrival import is_address, is_text, read_message, sound
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest
from tests.reference.pf.world import ALICE, BOB, message

ASSERTED = SipRequest(Draft("MESSAGE", ALICE).put("P-Asserted-Identity", f"<{BOB}>").octets())


def test_that_a_sound_message_stays_as_it_is() -> None:
    assert sound(message(), ASSERTED) == message()


@pytest.mark.parametrize("identity", ["a\x01b", "\udc80", "a\r\nb"])
def test_that_a_message_of_no_usable_identity_is_none(identity: str) -> None:
    assert sound(message(message_id=identity), ASSERTED) is None


def test_that_a_sender_who_is_no_address_is_who_is_asserted() -> None:
    kept = sound(message(sender="Bob"), ASSERTED)
    assert kept is not None
    assert kept.sender == BOB
    kept = sound(message(sender="\udc80"), SipRequest(Draft("MESSAGE", ALICE).octets()))
    assert kept is not None
    assert kept.sender == ""


def test_that_odd_words_are_left_out() -> None:
    odd = message(subject="a\ud800b\x00", conversation_id="\x07", contribution_id="\x08")
    kept = sound(odd, ASSERTED)
    assert kept is not None
    assert (kept.subject, kept.conversation_id, kept.contribution_id) == ("ab", "", "")


def test_that_a_message_that_no_envelope_can_hold_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: CpmMessage) -> bytes:
        raise ValueError(self.message_id)

    monkeypatch.setattr(CpmMessage, "cpim", refuse)
    assert sound(message(), ASSERTED) is None


def test_that_a_message_is_read_with_what_its_request_says() -> None:
    draft = Draft("MESSAGE", ALICE).put("Conversation-ID", "c").put("Expires", "60")
    draft.carry("message/cpim", message().cpim())
    found = read_message(SipRequest(draft.octets()), now=1_000_000_000)
    assert found is not None
    assert (found.conversation_id, found.expires_at) == ("c", 61_000_000_000)
    assert read_message(SipRequest(Draft("MESSAGE", ALICE).octets()), now=0) is None


def test_that_addresses_are_told_from_other_words() -> None:
    assert [is_address(v) for v in (ALICE, "tel:+1", "", "x", "sip:a\x00@b")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert is_text("")
    assert not is_text("\udc80")
