"""Preferences of every kind, for laws."""

from hypothesis import strategies as st

from conformance.reference.preferences.profiles import (
    SESSION_WHEN_UNAVAILABLE,
    WHEN_EXPIRED,
    WHEN_UNAVAILABLE,
    Adaptation,
    Delivery,
    Disposal,
    MediaRule,
    Preferences,
    Profile,
    Rule,
    Selection,
    Stored,
)

names = st.text("abcé<&\"'>:@*+/ 😀1", min_size=1, max_size=8).map(lambda t: f"n{t}n")
sizes = st.none() | st.integers(0, 10**9)


def some(values, most=3):
    return st.lists(values, max_size=most).map(tuple)


def chosen(options):
    return st.lists(st.sampled_from(options), unique=True).map(tuple)


media_rules = some(st.builds(MediaRule, names, st.booleans()))
selections = st.builds(Selection, some(names), some(names), st.none() | st.integers(0, 9))
rules = st.builds(
    Rule,
    st.sampled_from([Disposal.DELIVER, Disposal.REJECT, Disposal.REDIRECT]),
    sizes,
    some(names),
    names,
)
adaptations = st.builds(Adaptation, some(names), names, sizes, selections, st.just("") | names)
stored = st.sets(st.sampled_from(list(Stored))).map(frozenset)

profiles = st.builds(
    lambda kept, **fields: Profile(stored=kept, not_stored=fields.pop("avoided") - kept, **fields),
    stored,
    avoided=stored,
    identifier=names,
    display_name=st.just("") | names,
    blacklist=some(names),
    rules=some(rules),
    when_unavailable=chosen(WHEN_UNAVAILABLE),
    deferred_media=media_rules,
    adaptations=some(adaptations),
    when_expired=chosen(WHEN_EXPIRED),
    extend_by=st.integers(1, 10**15),
    extend_times=st.integers(0, 99),
    session_media=media_rules,
    session_when_unavailable=chosen(SESSION_WHEN_UNAVAILABLE),
    deliveries=chosen(tuple(Delivery)),
    messages_to=selections,
    sessions_to=selections,
    notifications_to=selections,
    reports_to=selections,
    noncpm_services=some(names),
)


@st.composite
def preferences(draw):
    found = draw(st.lists(profiles, min_size=1, max_size=3, unique_by=lambda p: p.identifier))
    identifiers = [profile.identifier for profile in found]
    named = st.sampled_from(identifiers)
    return Preferences(
        tuple(found), draw(st.just("") | named), draw(some(st.tuples(names, named)))
    )
