"""What a finding says, and that it says it once."""

from conformance.verifier.findings import frames_of, said
from conformance.verifier.verdict import Verdict
from tests.scenarios import catalogue, pull, push_pager
from tests.verifying import verify


def test_that_a_message_is_said_in_a_few_words() -> None:
    ladder = pull.build()
    items = ladder.trace().items
    assert said(items[ladder.find("2")]) == "SUBSCRIBE"
    assert said(items[ladder.find("4")]) == "200 OK to SUBSCRIBE"
    assert said(items[ladder.find("14")]) == "MSRP SEND"


def test_that_every_frame_of_a_fragmented_message_is_named() -> None:
    ladder = catalogue.ladder("VARIANTS", "push-pager", "fragmented")
    item = ladder.trace().items[ladder.find("2")]
    assert [ref.frame for ref in frames_of(item)] == list(item.frames)
    assert len(item.frames) > 1


def test_that_the_same_breach_at_two_hops_is_one_finding() -> None:
    ladder = push_pager.build(disposition="positive-delivery", has_message_id=False)
    (one,) = verify(ladder).results
    named = [f for f in one.findings if f.requirement == "RFC5438-message-id"]
    assert len(named) == 1


def test_that_what_follows_from_a_fault_is_its_consequence() -> None:
    ladder = catalogue.ladder("BREAKS", "pull", "silent-at-6")
    (one,) = verify(ladder).results
    fails = [f for f in one.findings if f.verdict is Verdict.FAIL]
    assert not fails[0].consequence
    assert all(finding.consequence for finding in fails[1:])
