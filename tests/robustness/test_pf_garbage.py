"""What comes over the network never stops a participating function."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.cpm.service import feature_tag
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Datagram
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage
from conformance.reference.pf.arrival import sound
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.preferences.profiles import Delivery, Disposal
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest
from tests.reference.pf.world import ALICE, BOB, CORE_HOST, PF, PSI, PfWorld, message

SOURCE = Endpoint(CORE_HOST, 5060)
ODD = st.text(st.characters(exclude_characters="\r\n", exclude_categories=()), max_size=20)


def request(
    method: str, uri: str, *fields: tuple[str, str], body: bytes = b"", kind: str = ""
) -> bytes:
    """A request as the core could send it."""
    draft = Draft(method, uri)
    draft.add("Via", "SIP/2.0/UDP 10.0.1.1:5060;branch=z9hG4bKodd")
    draft.add("From", f"<{BOB}>;tag=1").add("To", f"<{uri}>").add("Call-ID", "odd")
    draft.add("CSeq", f"1 {method}").add("Max-Forwards", "70")
    draft.add("Contact", "<sip:core@10.0.1.1>")
    draft.fields.extend(fields)
    if body:
        draft.carry(kind, body)
    return draft.octets()


EXAMPLES = (
    request("MESSAGE", ALICE, body=message(wants=("negative-delivery",)).cpim(), kind=CPIM_TYPE),
    request("MESSAGE", BOB, ("P-Asserted-Identity", f"<{ALICE}>"), body=b"x", kind="text/plain"),
    request(
        "INVITE",
        ALICE,
        ("Accept-Contact", f"*;{feature_tag('oma.cpm.largemsg')}"),
        body=b"v=0\r\nm=message 9 TCP/MSRP *\r\na=path:msrp://10.0.1.1:9/s;tcp\r\n",
        kind="application/sdp",
    ),
    request("INVITE", PSI, ("P-Asserted-Identity", f"<{ALICE}>")),
    request(
        "SUBSCRIBE", PSI, ("P-Asserted-Identity", f"<{ALICE}>"), ("Event", "deferred-messages")
    ),
    request("REGISTER", f"sip:{PF}", ("Expires", "600")),
)


def hear(world: PfWorld, octets: bytes) -> None:
    """The participating function receives a datagram, and all that follows happens."""
    effects = world.pf.station.receive(world.wire.now, Datagram(SOURCE, PF, octets))
    world.wire._carry_out(world.pf.station, effects)
    world.wait(2)


@given(st.sampled_from(EXAMPLES), st.integers(0, 2_000), st.binary(min_size=1, max_size=8))
def test_that_damaged_requests_do_no_harm(octets: bytes, at: int, damage: bytes) -> None:
    world = PfWorld()
    world.on_session = lambda client: client.session.refuse(488)
    at %= len(octets)
    hear(world, octets[:at] + damage + octets[at + len(damage) :])
    world.register()
    world.wait(200)


@settings(max_examples=60)
@given(st.sampled_from(list(Push)), ODD, ODD, ODD, ODD)
def test_that_odd_words_in_a_message_do_no_harm(
    push: Push, identity: str, sender: str, subject: str, conversation: str
) -> None:
    world = PfWorld(PfSettings(push=push, defers_for=100_000_000_000))
    odd = message(
        message_id=identity,
        sender=sender or BOB,
        subject=subject,
        conversation_id=conversation,
        wants=("negative-delivery",),
    )
    take(world, odd)
    world.register()
    world.wait(200)


@settings(max_examples=60)
@given(ODD, ODD)
def test_that_odd_words_can_be_listed_and_expire(identity: str, sender: str) -> None:
    wanted = (Delivery.NOTIFICATION,)
    world = PfWorld(PfSettings(deliveries=wanted, unsolicited=True, defers_for=100_000_000_000))
    take(world, message(message_id=identity, sender=sender, wants=("negative-delivery",)))
    world.register()
    world.wait(200)
    assert world.pf.deferral.waiting(ALICE) == ()


@settings(max_examples=40)
@given(ODD, ODD, st.binary(max_size=60))
def test_that_odd_addresses_do_no_harm(user: str, asker: str, body: bytes) -> None:
    world = PfWorld()
    world.on_session = lambda client: client.session.refuse(488)
    for method in ("MESSAGE", "INVITE", "SUBSCRIBE", "REGISTER"):
        head = f"{method} sip:{user}@home-a.example SIP/2.0\r\n"
        fields = (
            "Via: SIP/2.0/UDP 10.0.1.1:5060;branch=z9hG4bK" + method,
            f"From: <sip:{asker}>;tag=1",
            f"To: <sip:{user}@home-a.example>",
            "Call-ID: odd",
            f"CSeq: 1 {method}",
            f"P-Asserted-Identity: <sip:{asker}>",
            f"Contact: <sip:{user}>",
            "Expires: 100",
            "Content-Type: text/plain",
            f"Content-Length: {len(body)}",
            "",
            "",
        )
        text = head + "\r\n".join(fields)
        hear(world, text.encode("utf-8", "surrogatepass") + body)
    world.wait(200)


def take(world: PfWorld, odd: CpmMessage) -> None:
    """A message comes over MSRP, where no header of SIP limits what it says."""
    kept = sound(odd, SipRequest(EXAMPLES[2]))
    if kept is not None:
        world.pf.reception.settle(Disposal.DEFER, ALICE, kept, "large")
    world.wait(1)
