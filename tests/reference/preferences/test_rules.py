import pytest

from conformance.reference.preferences.rules import (
    Adaptation,
    Device,
    Disposal,
    MediaRule,
    Rule,
    Selection,
    matches_media,
    matches_sender,
    wanted_media,
)

PHONE = Device("urn:phone", "sip:phone", tags=("video",), registered_at=1)
TABLET = Device("urn:tablet", "sip:tablet", registered_at=2)
BOTH = (PHONE, TABLET)


@pytest.mark.parametrize(
    ("pattern", "sender", "matches"),
    [
        ("sip:bob@b.example", "sip:bob@b.example", True),
        ("sip:bob@b.example", '"Bob" <sip:bob@B.example:5060;transport=tcp>', True),
        ("tel:+15550142", "sip:+1-555-0142@any.example;user=phone", True),
        ("+15550142", "sip:+15550142@any.example", True),
        ("sip:bob@b.example", "sip:rob@b.example", False),
        ("sip:*@spam.example", "sip:anyone@spam.example", True),
        ("*@spam.example", "sip:+15550199@spam.example", True),
        ("*@spam.example", "sip:anyone@spam.example.org", False),
        ("tel:+1900*", "tel:+19005550100", True),
        ("tel:+1900*", "tel:+15550100", False),
        ("*@[2001:db8::1]", "sip:bob@[2001:db8::1]", True),
        ("*b?b@b.example", "sip:bob@b.example", False),
        ("anonymous", "sip:anonymous@anonymous.invalid", True),
        ("anonymous", "sip:bob@b.example", False),
        ("", "sip:bob@b.example", False),
    ],
)
def test_whom_an_entry_of_a_blacklist_means(pattern, sender, matches):
    assert matches_sender((pattern,), sender) is matches
    assert matches_sender(("sip:other@other.example", pattern), sender) is matches


@pytest.mark.parametrize(
    ("pattern", "content_type", "matches"),
    [
        ("text/plain", "Text/Plain; charset=UTF-8", True),
        ("text/*", "text/plain", True),
        ("*", "image/png", True),
        ("image/*", "text/plain", False),
        (" Image/PNG ", "image/png", True),
        ("image/*", "", False),
        ("*", "", True),
    ],
)
def test_which_media_a_pattern_means(pattern, content_type, matches):
    assert matches_media((pattern,), content_type) is matches


def test_that_the_first_rule_on_media_counts():
    rules = (MediaRule("image/png", False), MediaRule("image/*", True))
    assert wanted_media(rules, "image/png") is False
    assert wanted_media(rules, "image/gif") is True
    assert wanted_media(rules, "text/plain") is None


@pytest.mark.parametrize(
    ("rule", "content_type", "size", "applies"),
    [
        (Rule(Disposal.REJECT), "text/plain", 0, True),
        (Rule(Disposal.REJECT, 10), "text/plain", 10, False),
        (Rule(Disposal.REJECT, 10), "text/plain", 11, True),
        (Rule(Disposal.REJECT, None, ("video/*",)), "video/mp4", 1, True),
        (Rule(Disposal.REJECT, 10, ("video/*",)), "video/mp4", 1, False),
        (Rule(Disposal.REJECT, 10, ("video/*",)), "text/plain", 11, False),
    ],
)
def test_that_a_rule_applies_where_all_of_it_holds(rule, content_type, size, applies):
    assert rule.applies(content_type, size) is applies


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (Selection(), BOTH),
        (Selection(instances=("urn:phone",)), (PHONE,)),
        (Selection(tags=("video",)), (PHONE,)),
        (Selection(instances=("urn:tablet",), tags=("video",)), ()),
        (Selection(latest=1), (TABLET,)),
        (Selection(latest=2), BOTH),
        (Selection(latest=0), ()),
    ],
)
def test_which_devices_a_selection_holds(selection, chosen):
    assert tuple(one for one in BOTH if selection.holds(one, BOTH)) == chosen


@pytest.mark.parametrize(
    ("adaptation", "phone", "tablet"),
    [
        (Adaptation(("video/*",), "image/png"), True, True),
        (Adaptation(("video/*",), "image/png", larger_than=100), False, False),
        (Adaptation(("image/*",), "text/plain"), False, False),
        (Adaptation(("video/*",), "image/png", devices=Selection(("urn:phone",))), True, False),
        (Adaptation(("video/*",), "image/png", without_tag="video"), False, True),
    ],
)
def test_for_which_device_content_is_adapted(adaptation, phone, tablet):
    assert adaptation.applies("video/mp4", 100, PHONE) is phone
    assert adaptation.applies("video/mp4", 100, TABLET) is tablet


@pytest.mark.parametrize(
    ("name", "matches"),
    [("urn:uuid:1", True), ("<urn:uuid:1>", True), ("URN:UUID:1", True), ("urn:uuid:2", False)],
)
def test_a_device_is_named_with_or_without_brackets(name, matches):
    device = Device("<urn:uuid:1>", "sip:phone")
    assert device.is_instance(name) is matches
    assert Selection(instances=(name,)).holds(device, (device,)) is matches
    assert not Device("", "sip:phone").is_instance("")
