"""Which contacts get a request, by the wishes of its caller (RFC 3841)."""

from conformance.reference.core.contact_choice import contacts_in_order, in_groups, is_forked
from conformance.reference.core.location import Binding
from conformance.reference.transport.draft import Draft

CHAT = "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session"
MSG = "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"


ICSI = "+g.3gpp.icsi-ref"


def binding(name: str, feature: str, value: str) -> Binding:
    return Binding(f"sip:{name}", ((feature, value),), f"<sip:{name}>", (), "c", 1, 1)


PHONE = binding("phone", "+sip.instance", "<urn:uuid:1>")
TABLET = binding("tablet", "+sip.instance", "<urn:uuid:2>")


def chosen(*bindings: Binding, forks: bool = False, **fields: str) -> list[list[str]]:
    draft = Draft("MESSAGE", "sip:x")
    for name, value in fields.items():
        draft.add(name.replace("_", "-"), value)
    uris = contacts_in_order(draft, bindings)
    return in_groups(draft, uris if is_forked(draft, by_default=forks) else uris[:1])


def test_one_contact_is_the_rule_the_newest_of_equals():
    assert chosen(PHONE, TABLET) == [["sip:tablet"]]
    assert chosen() == []


def test_the_higher_q_comes_first():
    assert chosen(binding("one", "q", "0.9"), binding("two", "q", "0.1")) == [["sip:one"]]


def test_an_instance_that_is_named_is_the_only_one_and_none_other_will_do():
    named = '*;+sip.instance="<urn:uuid:1>"'
    assert chosen(PHONE, TABLET, Accept_Contact=named, forks=True) == [["sip:phone"]]
    other = '*;+sip.instance="<urn:uuid:9>";require'
    assert chosen(PHONE, TABLET, Accept_Contact=other) == []


def test_an_instance_can_be_left_out():
    left = '*;+sip.instance="<urn:uuid:2>"'
    assert chosen(PHONE, TABLET, Reject_Contact=left, forks=True) == [["sip:phone"]]


def test_who_can_do_what_is_asked_comes_before_who_cannot():
    able, unable = binding("able", ICSI, f"{CHAT},{MSG}"), binding("unable", ICSI, MSG)
    wish = f'*;{ICSI}="{CHAT}"'
    assert chosen(able, unable, Accept_Contact=wish) == [["sip:able"]]
    assert chosen(able, unable, Accept_Contact=wish, forks=True) == [["sip:able", "sip:unable"]]
    required = f"{wish};require"
    assert chosen(able, unable, Accept_Contact=required, forks=True) == [["sip:able"]]


def test_who_says_nothing_of_a_feature_is_left_out_only_by_explicit():
    wish = f'*;{ICSI}="{CHAT}";require'
    assert chosen(PHONE, Accept_Contact=wish) == [["sip:phone"]]
    assert chosen(PHONE, Accept_Contact=f"{wish};explicit") == []


def test_other_features_match_by_one_of_their_values():
    video = binding("one", "mobility", "fixed,mobile")
    assert chosen(video, Accept_Contact='*;mobility="mobile";require;explicit') == [["sip:one"]]
    assert chosen(video, Accept_Contact='*;mobility="none";require;explicit') == []


def test_forks_together_or_in_turn_as_the_request_says():
    both = (PHONE, TABLET)
    assert chosen(*both, Request_Disposition="fork") == [["sip:tablet", "sip:phone"]]
    assert chosen(*both, Request_Disposition="fork, sequential") == [["sip:tablet"], ["sip:phone"]]
    assert chosen(*both, Request_Disposition="no-fork", forks=True) == [["sip:tablet"]]


def test_what_cannot_be_read_wishes_nothing():
    assert chosen(PHONE, Accept_Contact='*;"";;=') == [["sip:phone"]]
