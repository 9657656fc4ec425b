import pytest

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.pf.availability import (
    MAX_DEVICES,
    Availability,
    is_capable,
    original_register,
)
from conformance.reference.preferences.profiles import Device
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest

ALICE = "sip:+15550100@home-a.example"
ONE, TWO = "<urn:uuid:1>", "<urn:uuid:2>"


def known() -> Availability:
    station = Station("10.0.3.1", Chance("1"))
    station.now = 1_000 * SECOND
    return Availability(station)


def told(seconds: int, *contacts: str, expires: int | None = None) -> SipRequest:
    """A third-party REGISTER, with the client's own where contacts are given."""
    draft = Draft("REGISTER", "sip:10.0.3.1").put("To", f"<{ALICE}>").put("Expires", str(seconds))
    if contacts:
        inner = Draft("REGISTER", "sip:home-a.example")
        for name in ("Via", "From", "To", "Call-ID"):
            inner.put(name, f"<{ALICE}>;tag=1")
        inner.put("CSeq", "1 REGISTER")
        if expires is not None:
            inner.put("Expires", str(expires))
        for contact in contacts:
            inner.add("Contact", contact)
        draft.carry("message/sip", inner.octets())
    return SipRequest(draft.octets())


def contact(instance: str, *, tail: str = "") -> str:
    return f'<sip:alice@10.0.2.20>;+sip.instance="{instance}"{tail}'


def test_that_a_device_is_known_with_what_it_says_of_itself() -> None:
    there = known()
    tags = (
        ';+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"'
        ";+g.gsma.rcs.cpm.pager-large"
    )
    there.take(told(600, contact(ONE, tail=tags)))
    (device,) = there.devices("tel:+15550100")
    assert device.instance == ONE
    assert device.contact == "sip:alice@10.0.2.20"
    assert device.tags == ("oma.cpm.msg", "+g.gsma.rcs.cpm.pager-large")
    assert device.registered_at == 1_000 * SECOND


def test_that_a_user_is_available_as_long_as_the_core_says() -> None:
    there = known()
    there.take(told(60, contact(ONE, tail=";expires=600000")))
    there.station.now += 59 * SECOND
    assert there.is_available(ALICE)
    there.station.now += 2 * SECOND
    assert not there.is_available(ALICE)


def test_that_a_renewal_is_no_new_device() -> None:
    there = known()
    there.take(told(60, contact(ONE)))
    there.station.now += 30 * SECOND
    there.take(told(60, contact(ONE)))
    (device,) = there.devices(ALICE)
    assert device.registered_at == 1_000 * SECOND
    there.station.now += 45 * SECOND
    assert there.is_available(ALICE)


def test_that_one_device_goes_and_another_stays() -> None:
    there = known()
    there.take(told(600, contact(ONE)))
    there.take(told(600, contact(TWO)))
    assert len(there.devices(ALICE)) == 2
    assert there.take(told(600, contact(ONE, tail=";expires=0"))) == ()
    assert [device.instance for device in there.devices(ALICE)] == [TWO]
    there.take(told(600, contact(TWO), expires=0))
    assert there.devices(ALICE) == ()


@pytest.mark.parametrize("last", [(), ("*",), ("garbage",)])
def test_that_all_devices_go_at_once(last: tuple[str, ...]) -> None:
    there = known()
    there.take(told(600, contact(ONE), contact(TWO)))
    there.take(told(0, *last))
    assert not there.is_available(ALICE)


def test_that_a_user_is_available_of_whose_device_nothing_is_told() -> None:
    there = known()
    (device,) = there.take(told(600)) or ()
    assert (device.instance, device.contact) == ("", "")
    assert there.is_available(ALICE)


def test_that_devices_and_users_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    there = known()
    for number in range(MAX_DEVICES + 3):
        there.take(told(600, contact(f"<urn:uuid:{number}>")))
    assert len(there.devices(ALICE)) == MAX_DEVICES
    monkeypatch.setattr("conformance.reference.pf.availability.MAX_USERS", 1)
    stranger = Draft("REGISTER", "sip:x").put("To", "<sip:eve@a.example>").put("Expires", "9")
    assert there.take(SipRequest(stranger.octets())) is None
    # Who is not registered any more makes room.
    there.station.now += 601 * SECOND
    assert there.take(SipRequest(stranger.octets())) is not None


@pytest.mark.parametrize(
    "body", [b"", b"garbage", b"SIP/2.0 200 OK\r\n\r\n", b"INVITE sip:a SIP/2.0\r\n\r\n"]
)
def test_that_another_body_says_nothing_of_a_device(body: bytes) -> None:
    draft = Draft("REGISTER", "sip:x").carry("message/sip", body)
    assert original_register(SipRequest(draft.octets())) is None


@pytest.mark.parametrize(
    ("tags", "service", "expected"),
    [
        ((), "oma.cpm.deferred", True),
        (("+g.other",), "oma.cpm.session", True),
        (("oma.cpm.msg",), "oma.cpm.msg", True),
        (("oma.cpm.msg",), "oma.cpm.deferred", True),
        (("oma.cpm.msg",), "oma.cpm.largemsg", False),
        (("oma.cpm.session",), "oma.cpm.deferred", False),
        (("oma.cpm.session.group",), "oma.cpm.session", True),
    ],
)
def test_that_capability_follows_from_feature_tags(
    tags: tuple[str, ...], service: str, expected: bool
) -> None:
    assert is_capable(Device("i", "c", tags=tags), service) is expected
