import pytest

from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.profiles import (
    SESSION_WHEN_UNAVAILABLE,
    WHEN_EXPIRED,
    WHEN_UNAVAILABLE,
    Adaptation,
    Delivery,
    Device,
    Disposal,
    Expiry,
    Kind,
    MediaRule,
    Preferences,
    Profile,
    Rule,
    Selection,
    Stored,
)
from tests.reference.messages import BOB, cpm

PHONE = Device("urn:phone", "sip:phone", registered_at=1)
TABLET = Device("urn:tablet", "sip:tablet", registered_at=2)
VIDEO = cpm(body=bytes(100), content_type="video/mp4")


def one(**fields):
    return Preferences.of(Profile(**fields))


# What nobody has said.


def test_that_preferences_that_say_nothing_leave_everything_open():
    nothing = Preferences()
    assert nothing.disposal(cpm(), available=True) == (Disposal.DELIVER,)
    assert nothing.disposal(cpm(), available=False) == WHEN_UNAVAILABLE
    assert nothing.when_expired(cpm()) == WHEN_EXPIRED
    assert nothing.session_when_unavailable() == SESSION_WHEN_UNAVAILABLE
    assert nothing.stores(Stored.MESSAGE) is None
    assert nothing.keeps("video/mp4")
    assert nothing.accepts_media("video/mp4") is None
    assert nothing.deliveries() == (Delivery.MESSAGE, Delivery.NOTIFICATION)
    assert nothing.targets(Kind.MESSAGE, (PHONE, TABLET)) == (PHONE, TABLET)
    assert nothing.adaptation(VIDEO, PHONE) is None
    assert nothing.noncpm_services == ()
    assert nothing.redirection(cpm()) == ""


# A 1: an available user.


def test_that_a_blacklisted_sender_is_rejected():
    preferences = one(blacklist=("sip:*@home-b.example", "tel:+15550142"))
    assert preferences.disposal(cpm(), available=True) == (Disposal.REJECT,)
    other = cpm(sender="sip:carol@home-c.example")
    assert preferences.disposal(other, available=True) == (Disposal.DELIVER,)


def test_that_a_sender_who_hides_is_rejected_where_that_is_asked_for():
    hidden = cpm(anonymous=True)
    assert one(blacklist=("anonymous",)).disposal(hidden, available=True) == (Disposal.REJECT,)
    assert one(blacklist=("anonymous",)).disposal(cpm(), available=True) == (Disposal.DELIVER,)
    # Whom the network knows all the same is rejected by name.
    assert one(blacklist=(BOB,)).disposal(hidden, available=True) == (Disposal.REJECT,)


def test_that_size_and_content_type_reject_or_redirect_by_the_first_rule():
    preferences = one(
        rules=(
            Rule(Disposal.DELIVER, None, ("video/quicktime",)),
            Rule(Disposal.REDIRECT, None, ("video/*",), "sip:tv@home-a.example"),
            Rule(Disposal.REJECT, 1_000),
        )
    )
    for message, disposal in (
        (VIDEO, Disposal.REDIRECT),
        (cpm(body=bytes(2_000), content_type="video/quicktime"), Disposal.DELIVER),
        (cpm(body=bytes(1_001)), Disposal.REJECT),
        (cpm(body=bytes(1_000)), Disposal.DELIVER),
    ):
        assert preferences.disposal(message, available=True) == (disposal,)
    assert preferences.redirection(VIDEO) == "sip:tv@home-a.example"
    assert preferences.redirection(cpm()) == ""


# A 2 and A 3: an unavailable user.


@pytest.mark.parametrize("wish", WHEN_UNAVAILABLE)
def test_that_one_wish_for_the_unavailable_binds(wish):
    assert one(when_unavailable=(wish,)).disposal(cpm(), available=False) == (wish,)


def test_that_several_wishes_are_open_in_their_order():
    wishes = (Disposal.INTERWORK, Disposal.DEFER)
    assert one(when_unavailable=wishes).disposal(cpm(), available=False) == wishes


def test_that_media_not_to_be_kept_is_discarded_instead_of_deferred():
    rules = (MediaRule("video/*", False),)
    binding = one(when_unavailable=(Disposal.DEFER,), deferred_media=rules)
    assert binding.disposal(VIDEO, available=False) == (Disposal.DISCARD,)
    assert binding.disposal(cpm(), available=False) == (Disposal.DEFER,)
    assert not binding.keeps("video/mp4; codecs=x")
    open_ = one(deferred_media=rules)
    assert open_.disposal(VIDEO, available=False) == (
        Disposal.DISCARD,
        Disposal.STORE,
        Disposal.INTERWORK,
    )
    # What is stored is not deferred: the media does not matter.
    storing = one(when_unavailable=(Disposal.STORE,), deferred_media=rules)
    assert storing.disposal(VIDEO, available=False) == (Disposal.STORE,)


def test_that_a_blacklisted_sender_of_the_unavailable_is_rejected_or_handled_as_all_are():
    preferences = one(blacklist=(BOB,), when_unavailable=(Disposal.DEFER,))
    assert preferences.disposal(cpm(), available=False) == (Disposal.REJECT, Disposal.DEFER)


def test_that_a_message_whose_time_is_over_is_not_deferred():
    message = cpm(expires_at=7)
    preferences = one(when_unavailable=(Disposal.DEFER,))
    assert preferences.disposal(message, available=False, now=6) == (Disposal.DEFER,)
    assert preferences.disposal(message, available=False, now=7) == (Disposal.DISCARD,)
    assert preferences.disposal(message, available=True, now=7) == (Disposal.DELIVER,)


# B: content adaptation.


def test_that_content_is_adapted_by_the_devices_own_profile():
    wish = Adaptation(("video/*",), "image/png", without_tag="video")
    preferences = Preferences(
        (Profile("a"), Profile("b", adaptations=(wish,))), active=(("urn:phone", "b"),)
    )
    assert preferences.adaptation(VIDEO, PHONE) is wish
    assert preferences.adaptation(VIDEO, TABLET) is None


# C: expired messages.


def test_that_an_extension_is_granted_so_many_times():
    preferences = one(
        when_expired=(Expiry.EXTEND, Expiry.STORE), extend_by=5 * SECOND, extend_times=2
    )
    assert preferences.extension() == 5 * SECOND
    assert preferences.when_expired(cpm(), extended=1) == (Expiry.EXTEND, Expiry.STORE)
    assert preferences.when_expired(cpm(), extended=2) == (Expiry.STORE,)
    binding = one(when_expired=(Expiry.EXTEND,))
    assert binding.when_expired(cpm(), extended=1) == (Expiry.DISCARD,)


def test_that_media_not_to_be_kept_is_not_extended():
    preferences = one(when_expired=(Expiry.EXTEND,), deferred_media=(MediaRule("video/*", False),))
    assert preferences.when_expired(VIDEO) == (Expiry.DISCARD,)
    assert preferences.when_expired(cpm()) == (Expiry.EXTEND,)


# D: sessions.


def test_that_media_in_a_session_is_accepted_or_rejected_or_the_user_is_asked():
    rules = (MediaRule("image/*", True), MediaRule("video/*", False))
    preferences = one(session_media=rules, session_when_unavailable=(Disposal.INTERWORK,))
    assert preferences.accepts_media("image/png") is True
    assert preferences.accepts_media("video/mp4") is False
    assert preferences.accepts_media("text/plain") is None
    assert preferences.session_when_unavailable() == (Disposal.INTERWORK,)


# E: storage.


def test_that_each_thing_is_stored_or_not_or_left_open():
    preferences = one(stored=frozenset({Stored.MESSAGE}), not_stored=frozenset({Stored.MEDIA}))
    answers = [preferences.stores(what) for what in Stored]
    assert answers == [True, None, None, False]


# F: devices.


@pytest.mark.parametrize("kind", Kind)
def test_that_each_kind_goes_to_its_own_devices(kind):
    preferences = one(
        messages_to=Selection(("urn:phone",)),
        sessions_to=Selection(("urn:tablet",)),
        notifications_to=Selection(latest=1),
        reports_to=Selection(tags=("none",)),
    )
    expected = {
        Kind.MESSAGE: (PHONE,),
        Kind.SESSION: (TABLET,),
        Kind.NOTIFICATION: (TABLET,),
        Kind.REPORT: (),
    }
    assert preferences.targets(kind, (PHONE, TABLET)) == expected[kind]


# Profiles.

DEFER = Profile("defer", when_unavailable=(Disposal.DEFER,), noncpm_services=("sms",))
STORE = Profile("store", when_unavailable=(Disposal.STORE,), noncpm_services=("mms", "sms"))


def test_that_the_default_profile_holds_without_a_device():
    assert Preferences((DEFER, STORE)).default_profile is DEFER
    preferences = Preferences((DEFER, STORE), "store", (("urn:phone", "defer"),))
    assert preferences.disposal(cpm(), available=False) == (Disposal.STORE,)
    assert preferences.noncpm_services == ("mms", "sms")


def test_that_each_device_has_its_active_profile():
    preferences = Preferences((DEFER, STORE), "store", (("urn:phone", "defer"),))
    assert preferences.profile_of(PHONE) is DEFER
    assert preferences.profile_of(TABLET) is STORE
    # What the device itself says of its profile counts more; what is no profile counts nothing.
    assert preferences.profile_of(Device("urn:phone", "sip:x", "store")) is STORE
    assert preferences.profile_of(Device("urn:phone", "sip:x", "unknown")) is STORE


def test_that_where_profiles_differ_the_last_to_register_comes_first():
    preferences = Preferences((DEFER, STORE), "store", (("urn:phone", "defer"),))
    devices = (PHONE, TABLET)
    assert preferences.disposal(cpm(), available=False, devices=devices) == (
        Disposal.STORE,
        Disposal.DEFER,
    )
    assert preferences.services(devices) == ("mms", "sms")
    assert preferences.services((PHONE,)) == ("sms",)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Preferences(()), "at least one profile"),
        (lambda: Preferences((DEFER, DEFER)), "identifier of its own"),
        (lambda: Preferences((DEFER,), "home"), "no profile 'home'"),
        (lambda: Preferences((DEFER,), "", (("urn:phone", "work"),)), "no profile 'work'"),
        (lambda: Profile(when_unavailable=(Disposal.REJECT,)), "when_unavailable: reject is none"),
        (lambda: Profile(session_when_unavailable=(Disposal.DEFER,)), "defer is none of reject"),
        (lambda: Profile(rules=(Rule(Disposal.DEFER),)), "rules: defer"),
        (lambda: Profile(rules=(Rule(Disposal.REDIRECT),)), "without redirect_to"),
        (lambda: Profile(extend_by=0), "extend_by"),
        (lambda: Profile(extend_times=-1), "extend_times"),
        (
            lambda: Profile(
                stored=frozenset({Stored.MEDIA}), not_stored=frozenset({Stored.MEDIA})
            ),
            "both name media",
        ),
    ],
)
def test_that_what_cannot_be_meant_is_an_error(make, why):
    with pytest.raises(ValueError, match=why):
        make()
