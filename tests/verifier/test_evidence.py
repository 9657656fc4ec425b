"""What each place says of itself by what it does."""

import pytest

from conformance.cpm.role import Role
from conformance.observation.topology import RoleRule, Topology
from conformance.verifier.evidence import Evidence
from conformance.verifier.roles import infer_topology
from conformance.verifier.survey import survey
from tests.ladder import Ladder
from tests.laws.respelling import respelled
from tests.scenarios import catalogue, push_pager


def evidence(ladder: Ladder) -> Evidence:
    return survey(ladder.trace()).evidence


def test_that_registering_shows_a_client_and_its_core() -> None:
    clues = evidence(push_pager.build()).clues
    assert "registers its own contact" in clues["10.0.2.20", Role.CLIENT].sentence
    assert ("10.0.1.1", Role.CORE) in clues


def test_that_a_third_party_registration_shows_the_participating_function() -> None:
    clue = evidence(push_pager.build()).clues["10.0.3.1", Role.PF]
    assert clue.sentence == "receives a third-party REGISTER (frame 5)"


def test_that_forwarding_shows_a_core() -> None:
    ladder = push_pager.build()
    only = ladder.only(lambda shot: shot.label in ("2", "3"))
    assert ("10.0.1.1", Role.CORE) in evidence(only).clues


def test_that_three_hosts_and_one_message_say_little() -> None:
    """Neither end of a bare MESSAGE shows which of the two it is."""
    ladder = push_pager.build()
    only = ladder.only(lambda shot: shot.label == "2")
    found = {role for (_, role), clue in evidence(only).clues.items() if clue.weight > 6}
    assert Role.CLIENT not in found


def test_that_every_sentence_names_its_frame() -> None:
    for flow in catalogue.FLOWS:
        clues = evidence(catalogue.ladder("VARIANTS", flow, "base")).clues.values()
        assert all("(frame " in clue.sentence for clue in clues)


@pytest.mark.parametrize(("flow", "variant"), catalogue.names("VARIANTS"))
def test_that_given_roles_hide_nothing_of_other_places(flow: str, variant: str) -> None:
    """What passes between places with roles is looked at as far as it tells of a third."""
    ladder = catalogue.ladder("VARIANTS", flow, variant)
    trace = list(ladder.trace())
    whole = survey(trace)
    roles = [RoleRule(role, at) for role, ats in role_addresses(ladder) for at in ats]
    for left_out in roles:
        given = Topology([rule for rule in roles if rule is not left_out])
        spared = infer_topology(survey(trace, given=given), given).rules
        assert spared == infer_topology(whole, given).rules


def role_addresses(ladder: Ladder) -> list[tuple[Role, tuple[str, ...]]]:
    return [(Role(role), tuple(sorted(at))) for role, at in ladder.roles.items()]


@pytest.mark.parametrize("name", ["xml_prefixes", "parts_in_base64", "folded_lines"])
def test_that_no_spelling_hides_who_is_who(name: str) -> None:
    trace = catalogue.ladder("VARIANTS", "undelivered", "base").trace()
    known = {key: clue.weight for key, clue in survey(trace).evidence.clues.items()}
    other = survey(respelled(trace, {name})).evidence.clues
    assert {key: clue.weight for key, clue in other.items()} == known
