from conformance.reference.pf import policy
from conformance.reference.preferences.profiles import (
    Delivery,
    Device,
    Disposal,
    Expiry,
    Kind,
    Preferences,
    Profile,
    Selection,
)
from tests.reference.pf.world import message

PHONE, TABLET, WATCH = (Device(name, f"sip:{name}") for name in ("phone", "tablet", "watch"))


def mine(profile: Profile) -> Preferences:
    return Preferences.of(profile)


def test_that_known_preferences_bind() -> None:
    defers = mine(Profile(when_unavailable=(Disposal.DEFER,)))
    found = policy.disposals(defers, message(), available=False, now=0, devices=())
    assert found == (Disposal.DEFER,)
    found = policy.disposals(defers, message(), available=True, now=0, devices=())
    assert found == (Disposal.DELIVER,)
    keeps = mine(Profile(when_expired=(Expiry.STORE,)))
    assert policy.expiries(keeps, message(), 0, ()) == (Expiry.STORE,)
    rejects = mine(Profile(session_when_unavailable=(Disposal.REJECT,)))
    assert policy.invitations(rejects) == (Disposal.REJECT,)


def test_that_unknown_preferences_allow_all() -> None:
    available = policy.disposals(None, message(), available=True, now=0, devices=())
    assert available[0] is Disposal.DELIVER
    assert Disposal.REJECT in available
    unavailable = policy.disposals(None, message(), available=False, now=0, devices=())
    assert unavailable[0] is Disposal.DEFER
    assert len(unavailable) == 5
    assert policy.invitations(None) == (Disposal.REJECT, Disposal.INTERWORK)
    assert policy.expiries(None, message(), 9, ()) == (
        Expiry.DISCARD,
        Expiry.STORE,
        Expiry.EXTEND,
    )


def test_that_the_operator_orders_what_the_user_leaves_open() -> None:
    pushes, tells = Delivery.MESSAGE, Delivery.NOTIFICATION
    assert policy.deliveries(Preferences(), (tells, pushes), ()) == (tells, pushes)
    assert policy.deliveries(None, (tells,), ()) == (tells,)
    only = mine(Profile(deliveries=(pushes,)))
    assert policy.deliveries(only, (tells, pushes), ()) == (pushes,)
    assert policy.deliveries(only, (tells,), ()) == (pushes,)


def test_that_targets_are_those_of_the_preferences() -> None:
    chosen = mine(Profile(messages_to=Selection(instances=("tablet",))))
    assert policy.targets(chosen, Kind.MESSAGE, (PHONE, TABLET)) == ((TABLET,),)
    assert policy.targets(chosen, Kind.MESSAGE, (PHONE,)) == ((),)


def test_that_unknown_targets_are_all_or_some() -> None:
    found = policy.targets(None, Kind.MESSAGE, (PHONE, TABLET))
    assert found == ((PHONE, TABLET), (PHONE,), (TABLET,))
    many = (PHONE, TABLET, WATCH, *(Device(str(n), str(n)) for n in range(4)))
    assert policy.targets(None, Kind.MESSAGE, many)[0] == many
    assert len(policy.targets(None, Kind.MESSAGE, many)) == 8
    assert policy.targets(None, Kind.MESSAGE, ()) == ((),)
