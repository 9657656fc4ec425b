"""The law of the comparison: who keeps to the specification is never convicted."""

from dataclasses import replace
from random import Random

import pytest

from conformance.oracle.comparison import compare
from conformance.oracle.difference import Opinion
from conformance.reference.faults.catalogue import faults, mutants
from conformance.reference.network.tap import Tap, link
from conformance.reference.preferences.profiles import Adaptation, Preferences, Profile, Selection
from conformance.reference.scenarios.catalogue import scenario, scenarios
from conformance.reference.scenarios.scenario import Scenario, play
from conformance.reference.world.setting import INSTANCES
from conformance.suite.mutants import scenario_of
from conformance.verifier.verdict import Verdict
from tests.oracle.scenes import seen, wrong

FLOWS = ("undelivered", "interwork-out", "interwork-in", "")
ACCEPTED = [
    one for flow in FLOWS for one in scenarios(flow) if one.verdict in ("pass", "none", "inconc")
]
SIDES = {
    "participating function": Tap(links=link("core", "pf")),
    "client": Tap(links=link("core", "client") | link("pf", "client")),
    "gateway": Tap(links=link("core", "iwf") | link("iwf", "noncpm")),
}


@pytest.mark.parametrize("one", ACCEPTED, ids=lambda one: one.path.removesuffix(".pcapng"))
def test_nobody_is_convicted_whether_preferences_are_known_or_not(one: Scenario):
    found = seen(one)
    assert wrong(found) == []
    assert wrong(found, one.setting.preferences or Preferences()) == []


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("flow", "name"),
    [
        ("push", "preferred-one-device"),
        ("pull", "preferred-kept"),
        ("pull-notify", "preferred-notified"),
        ("undelivered", "extended-once"),
        ("interwork-out", "user-prefers-text"),
        ("interwork-out", "recipient-unavailable"),
        ("chat-deferred", "base"),
    ],
)
def test_nobody_is_convicted_by_one_side_of_it(flow, name, side):
    one = scenario(flow, name)
    found = seen(one, SIDES[side])
    assert wrong(found) == []
    assert wrong(found, one.setting.preferences or Preferences()) == []


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["base", "preferred-extended", "preferred-both-devices"])
def test_nobody_is_convicted_by_a_cut_capture(name, seed):
    # given
    one = scenario("push", name)
    times = [passed.time for passed in play(one).passed]
    begin, end = sorted(Random(f"{name}{seed}").sample(times, 2))
    # when
    found = seen(one, Tap(begin=begin, end=end))
    # then
    assert wrong(found) == []
    assert wrong(found, one.setting.preferences or Preferences()) == []


def test_a_device_whose_registration_was_not_seen_is_none_that_preferences_name():
    one = scenario("pull-notify", "preferred-one-device")
    for at in range(12):
        found = seen(one, Tap(begin=one.setting.begin + at * 1_000_000_000))
        assert wrong(found, one.setting.preferences) == []


def mutant(fault: str) -> Scenario:
    return scenario_of(next(one for one in mutants() if one.fault == fault))


@pytest.mark.parametrize(
    ("fault", "requirement", "words"),
    [
        ("pf-pushes-to-others", "SD-5.2.1.1.2-session", "targets"),
        ("pf-discards-expired", "SD-5.2.2.2-expired", "where the role chose discard"),
        ("pf-keeps-to-cpm", "SD-5.4-enforce", "decides interwork"),
        ("pf-takes-default-profile", "SD-5.4-profile", "by the preferences"),
        ("iwf-keeps-own-order", "SD-5.4-selection-consider", "decides im"),
        ("iwf-asks-nobody", "SD-5.4-selection-retrieve", "where the role chose sms"),
    ],
)
def test_who_acts_against_the_preferences_is_told_which(fault, requirement, words):
    # given
    one = mutant(fault)
    found = seen(one)
    # when
    (opinion,) = wrong(found, one.setting.preferences)
    # then
    assert opinion.requirement == requirement
    assert words in opinion.choice
    assert opinion.frames


def adapting(fault: str, wish: Adaptation, devices: int) -> list[Opinion]:
    """What is said of a participating function with this wish to meet, for so many devices."""
    one = scenario("", "adapted")
    preferences = Preferences.of(Profile(adaptations=(wish,)))
    setting = replace(one.setting, preferences=preferences, devices=devices)
    planted = (faults()[fault],) if fault else ()
    return list(compare(seen(replace(one, setting=setting, faults=planted)), preferences))


PLAIN = Adaptation(("text/html",), "text/plain")
ON_ONE = replace(PLAIN, devices=Selection(instances=(INSTANCES["second"],)))


@pytest.mark.parametrize(
    ("fault", "wish", "devices", "verdicts"),
    [
        ("", PLAIN, 1, []),
        ("pf-adapts-nothing", PLAIN, 1, [Verdict.FAIL]),
        ("pf-adapts-nothing", PLAIN, 2, [Verdict.FAIL, Verdict.FAIL]),
        # What is meant for one of two devices may have gone to the other.
        ("", ON_ONE, 2, []),
        ("pf-adapts-nothing", ON_ONE, 2, [Verdict.INCONC]),
        ("pf-adapts-nothing", replace(PLAIN, to="text/enriched"), 1, []),
    ],
)
def test_content_that_goes_on_as_it_came_is_told_where_it_is_to_be_adapted(
    fault, wish, devices, verdicts
):
    found = [one for one in adapting(fault, wish, devices) if one.verdict is not Verdict.PASS]
    assert [one.verdict for one in found] == verdicts
    for one in found:
        assert one.requirement == "SD-5.4-consider"
        assert one.sentence.endswith("seen: text/html, as it came")


def test_who_adapts_what_nobody_wants_adapted_is_not_convicted():
    found = seen(scenario("", "adapted"))
    assert wrong(found) == wrong(found, Preferences()) == []


def test_without_the_preferences_nobody_can_tell():
    one = mutant("pf-pushes-to-others")
    assert wrong(seen(one)) == []


def test_the_opinions_are_in_the_order_of_time():
    one = scenario("pull", "preferred-kept")
    times = [opinion.time for opinion in compare(seen(one), one.setting.preferences)]
    assert times == sorted(times)


def test_a_capture_of_nothing_has_no_opinions():
    found = seen(scenario("", "registrations"), Tap(links=link("iwf", "noncpm")))
    assert [one for one in compare(found) if one.verdict is Verdict.FAIL] == []
