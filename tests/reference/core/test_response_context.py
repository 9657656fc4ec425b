"""The best of several answers (RFC 3261 section 16.7)."""

import pytest

from conformance.reference.transport.draft import Draft
from tests.reference.core.world import ALICE, BOB, World

FORK = ("Request-Disposition", "fork")
SEQUENTIAL = ("Request-Disposition", "fork, sequential")


@pytest.fixture
def world() -> World:
    world = World()
    world.ready(world.phone, world.tablet)
    return world


def to_both(world: World, method: str, wish: tuple[str, str] = FORK) -> Draft:
    return world.pf.draft(method, ALICE, BOB, [wish])


@pytest.mark.parametrize(
    ("one", "other", "best"),
    [
        (404, 603, 603),
        (486, 302, 302),
        (500, 404, 404),
        (408, 480, 480),
        (480, 415, 415),
        (503, 500, 500),
    ],
)
@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
def test_the_best_refusal_is_passed_on(world, method, one, other, best):
    world.phone.refuse(one)
    world.tablet.refuse(other)
    outcome = world.sent(world.pf, to_both(world, method))
    assert [s for s in outcome.statuses if s >= 200] == [best]


def test_who_answers_first_has_the_invite_and_the_other_branch_is_cancelled(world):
    world.tablet.ring()
    world.phone.ring()
    outcome = world.sent(world.pf, to_both(world, "INVITE"), seconds=0.1)
    tablet = world.tablet.held[0]
    tablet.on_cancel = lambda: world.tablet.reply(tablet, 487)
    world.phone.reply(world.phone.held[0], 200)
    world.run()
    assert outcome.statuses == [100, 180, 180, 200]
    cancel = next(c for c in world.wire.carried if c.start.startswith("CANCEL"))
    assert cancel.destination.host == "10.0.2.21"
    assert b'Reason: SIP;cause=200;text="Call completed elsewhere"' in cancel.octets


def test_both_2xx_to_an_invite_are_passed_on_but_one_to_any_other_request(world):
    outcome = world.sent(world.pf, to_both(world, "INVITE"))
    assert outcome.statuses == [100, 200, 200]
    outcome = world.sent(world.pf, to_both(world, "MESSAGE"))
    assert outcome.statuses == [200]


def test_a_6xx_cancels_the_others_and_is_the_answer(world):
    world.tablet.ring_for_ever()
    world.phone.refuse(600)
    outcome = world.sent(world.pf, to_both(world, "INVITE"), seconds=0.1)
    tablet = world.tablet.held[0]
    assert 600 not in outcome.statuses
    world.tablet.reply(tablet, 487)
    world.run()
    assert outcome.final.status == 600
    assert "CANCEL" in " ".join(world.wire.starts())


def test_the_challenges_of_all_branches_are_put_together(world):
    def challenge(peer, realm):
        def answer(transaction):
            draft = Draft.response_to(transaction.request, 401)
            draft.put("To", f"{draft.get('To')};tag=1")
            transaction.respond(draft.add("WWW-Authenticate", f'Digest realm="{realm}"'))

        peer.answer = answer

    challenge(world.phone, "one")
    challenge(world.tablet, "two")
    outcome = world.sent(world.pf, to_both(world, "MESSAGE"))
    assert sorted(outcome.final.headers("WWW-Authenticate")) == [
        'Digest realm="one"',
        'Digest realm="two"',
    ]


def test_contacts_are_tried_in_turn_where_the_request_asks_for_that(world):
    world.tablet.refuse(486)
    outcome = world.sent(world.pf, to_both(world, "MESSAGE", SEQUENTIAL))
    assert outcome.statuses == [200]
    assert (len(world.tablet.got), len(world.phone.got)) == (1, 1)
    assert world.path()[1:] == ["10.0.2.21", "10.0.2.20"]


def test_a_cancelled_search_in_turn_goes_no_further(world):
    world.tablet.ring()
    outcome = world.sent(world.pf, to_both(world, "INVITE", SEQUENTIAL), seconds=0.1)
    tablet = world.tablet.held[0]
    tablet.on_cancel = lambda: world.tablet.reply(tablet, 487)
    outcome.client.cancel()
    world.run()
    assert outcome.final.status == 487
    assert not world.phone.got
