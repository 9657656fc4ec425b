"""The sixth law: what says the same in other octets is judged the same."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.capture.source import open_capture
from conformance.observation.topology import RoleRule
from conformance.observation.trace import Observation, Trace
from conformance.sip.check import faults
from conformance.sip.message import SipMessage
from conformance.wire.malformed import Malformed
from tests.laws.respelling import CHUNKS, RESPELLINGS, respelled, respelled_ladder
from tests.laws.samples import label, named, spread
from tests.scenarios import catalogue
from tests.verifying import Judged, Roles, role_rules, said, verify

Named = tuple[str, str, str]

EVERY = 24
"""Of all ladders one in so many is respelled in every way at once by default."""

LADDERS = named("VARIANTS", "BREAKS", "INCONCLUSIVE", "UNIDENTIFIED", "ORDINARY")
BASES = [one for one in named("VARIANTS") if one[2] == "base"]
CAPTURES = sorted((Path(__file__).resolve().parents[2] / "captures").rglob("*.pcapng"))


def essence(judged: Judged) -> tuple[object, ...]:
    """What the judge said, but for the octets that it quotes."""
    told = [
        (
            one.flow,
            one.also,
            one.verdict,
            one.reason_code,
            (one.seen, one.printed),
            sorted(
                (f.requirement, f.level, f.verdict, str(f.role_at_fault), f.consequence)
                for f in one.findings
            ),
        )
        for one in judged.results
    ]
    return sorted(map(str, told)), judged.judge.unrelated


@cache
def whole(named: Named) -> Trace:
    """The trace of a ladder."""
    return catalogue.ladder(*named).trace()


@cache
def verdict_of(named: Named, roles: Roles) -> tuple[object, ...]:
    """What the judge says of a ladder as it is."""
    return essence(verify(whole(named), rules=rules_of(named, roles)))


def rules_of(named: Named, roles: Roles) -> list[RoleRule]:
    """The roles, where they are given."""
    return role_rules(catalogue.ladder(*named)) if roles == "given" else []


def check(named: Named, roles: Roles, names: set[str], seed: int = 0) -> None:
    """The verdict is that of the ladder as it is, and no message became a malformed one."""
    other = respelled(whole(named), names, seed)
    judged = verify(other, rules=rules_of(named, roles))
    if essence(judged) == verdict_of(named, roles):
        return
    raise AssertionError(
        "\n".join(
            [
                f"{named}, roles {roles}, seed {seed}: {sorted(names)}",
                str(verdict_of(named, roles)),
                *said(judged),
                *[str(m.rule) for m in messages(other) if isinstance(m, Malformed)],
            ]
        )
    )


def messages(trace: Trace) -> Iterator[object]:
    """Every message of a trace."""
    return (item.message for item in trace if isinstance(item, Observation))


@pytest.mark.parametrize("named", [*spread(LADDERS, EVERY, "respelled")], ids=label)
def test_that_every_respelling_at_once_changes_no_verdict(named: Named) -> None:
    for seed, roles in enumerate(("given", "inferred")):
        check(named, roles, set(RESPELLINGS), seed)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", RESPELLINGS)
def test_that_each_respelling_changes_no_verdict(name: str) -> None:
    for named_ in spread(named("VARIANTS"), 200, name):
        check(named_, "given", {name})


@pytest.mark.parametrize("name", RESPELLINGS)
def test_that_each_respelling_writes_something_else(name: str) -> None:
    """A respelling that changed nothing would show nothing."""
    variants = [*BASES, ("VARIANTS", "chat-deferred", "delivered-and-displayed")]
    assert any(
        [*messages(respelled(whole(one), {name}))] != [*messages(whole(one))] for one in variants
    )


@pytest.mark.parametrize("named", BASES, ids=label)
def test_that_a_respelled_message_breaks_no_rule(named: Named) -> None:
    for message in messages(respelled(whole(named), set(RESPELLINGS))):
        assert not isinstance(message, Malformed), message
        if isinstance(message, SipMessage):
            assert not faults(message), (faults(message), message.octets)


@given(
    named=st.sampled_from(LADDERS),
    roles=st.sampled_from(("given", "inferred")),
    names=st.sets(st.sampled_from(RESPELLINGS)),
    seed=st.integers(0, 9999),
)
def test_that_no_choice_of_respellings_changes_a_verdict(
    named: Named, roles: Roles, names: set[str], seed: int
) -> None:
    check(named, roles, names, seed)


@pytest.mark.parametrize(
    "path", [*spread(CAPTURES, 20, "respelled captures")], ids=lambda path: str(path.name)
)
def test_that_a_respelled_capture_is_judged_the_same(path: Path) -> None:
    source = open_capture(str(path))
    trace = Trace(list(source), source.health)
    other = verify(respelled(trace, set(RESPELLINGS)))
    assert essence(other) == essence(verify(trace)), "\n".join(said(other))


@pytest.mark.parametrize("variant", ["base", "tcp", "fragmented-ipv6"])
def test_that_a_reader_finds_the_same_messages(variant: str, tmp_path: Path) -> None:
    names = {*RESPELLINGS} - {CHUNKS, "without_content_length"}
    ladder = respelled_ladder(catalogue.ladder("VARIANTS", "push-large", variant), names)
    file = tmp_path / "other.pcapng"
    ladder.write_pcapng(file)
    read = [item for item in open_capture(str(file)) if isinstance(item, Observation)]
    assert [item.message.octets for item in read] == [shot.octets for shot in ladder.shots]
