from conformance.reference.pf.host import conversation_fields, device_key
from conformance.reference.preferences.profiles import Device
from tests.reference.pf.world import BOB, PHONE, PfWorld, message


def test_that_a_request_of_ours_says_what_it_brings() -> None:
    host = PfWorld().pf.host
    found = dict(host.fields(message(), "oma.cpm.msg"))
    assert found["P-Asserted-Identity"] == f"<{BOB}>"
    assert found["P-Asserted-Service"] == "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"
    assert found["Conversation-ID"] == "conv-1"
    assert found["P-Charging-Vector"].startswith("icid-value=")
    assert "Privacy" not in found


def test_that_charging_identities_are_never_the_same() -> None:
    host = PfWorld().pf.host
    one, other = (dict(host.fields(message(), "oma.cpm.msg")) for _ in range(2))
    assert one["P-Charging-Vector"] != other["P-Charging-Vector"]


def test_that_a_device_is_named_by_its_instance() -> None:
    host = PfWorld().pf.host
    assert host.target_fields(Device(PHONE, "c")) == [
        ("Accept-Contact", f'*;+sip.instance="{PHONE}";require;explicit')
    ]
    assert host.target_fields(Device("", "c")) == host.target_fields(None) == []
    assert device_key(Device(PHONE, "c")) == PHONE
    assert device_key(Device("", "c")) == "c"


def test_that_identities_that_are_not_there_are_not_said() -> None:
    assert conversation_fields(message(conversation_id="", contribution_id="")) == []
