"""CPM Messages as tests of the stores need them."""

from hypothesis import strategies as st

from conformance.reference.messaging.content import CpmMessage

ALICE = "sip:+15550100@home-a.example"
BOB = "sip:+15550142@home-b.example"

times = st.integers(0, 2**62)
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def cpm(message_id="m1", body=b"Hello", **fields):
    return CpmMessage(message_id, fields.pop("sender", BOB), ALICE, body, **fields)


messages = st.builds(
    CpmMessage,
    message_id=words,
    sender=words,
    recipient=words,
    body=st.binary(max_size=60),
    content_type=words,
    sent_at=times,
    wants=st.lists(words, max_size=3).map(tuple),
    conversation_id=words,
    contribution_id=words,
    service=words,
    expires_at=st.none() | times,
    subject=words,
    anonymous=st.booleans(),
    envelope=st.binary(max_size=60),
)
