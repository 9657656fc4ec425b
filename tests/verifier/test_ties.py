"""What ties two legs: one unique identity, or two independent ties."""

from conformance.verifier.tie_index import TieIndex
from conformance.verifier.ties import keys_of, other_texts, own_keys, tiers, user_of
from tests.scenarios import interwork_in, interwork_out, pull, push_large, push_pager
from tests.scenarios.real_edges import picture, renumbered, through
from tests.verifier.events import events


def kinds(keys: list[tuple[str, str]]) -> set[str]:
    return {kind for kind, _ in keys}


def test_that_a_message_is_tied_by_its_identity_and_its_conversation() -> None:
    ladder = push_pager.build()
    keys = keys_of(events(ladder)[ladder.find("2")])
    assert kinds(keys) >= {"imdn", "Contribution-ID", "Conversation-ID", "icid"}


def test_that_both_hops_have_the_same_identity() -> None:
    ladder = push_pager.build()
    found = events(ladder)
    one, two = (dict(keys_of(found[ladder.find(label)])) for label in ("2", "3"))
    assert one["imdn"] == two["imdn"]


def test_that_a_list_leads_to_its_invitation() -> None:
    ladder = pull.build()
    found = events(ladder)
    listed = {key for key in own_keys(found[ladder.find("6")]) if key[0] == "list"}
    asked = {key for key in keys_of(found[ladder.find("10")]) if key[0] == "list"}
    assert asked
    assert asked <= listed


def test_that_answers_and_what_ends_tie_nothing() -> None:
    ladder = pull.build()
    found = events(ladder)
    assert keys_of(found[ladder.find("4")]) == []
    byes = [event for event in found if event.message.cseq_method == "BYE"]
    assert [key for event in byes for key in own_keys(event)] == []


def test_that_one_weak_tie_alone_does_not_suffice() -> None:
    named, sessions, pairs, *_ = tiers([("Conversation-ID", "MESSAGE c1")])
    assert (named, sessions, pairs) == ([], [], [])


def test_that_two_independent_ties_suffice_together() -> None:
    weak = [("Conversation-ID", "MESSAGE c1"), ("icid", "MESSAGE i1")]
    assert len(tiers(weak)[2]) == 1


def test_that_a_session_tie_is_its_session_id_in_any_spelling() -> None:
    ladder = push_large.build()
    at = ladder.find("2")
    other = ladder.replace(at, ladder.shots[at].octets.replace(b";tcp", b";TCP"))
    one, two = (dict(keys_of(events(built)[at]))["sdp"] for built in (ladder, other))
    assert one == two


def test_that_what_has_no_text_leads_to_its_parties_alone() -> None:
    ladder = through(interwork_out.build(), picture)
    found = events(ladder)
    waiting, came = found[ladder.find("4")], found[ladder.find("5")]
    assert set(own_keys(waiting)) & set(other_texts(came))


def test_that_a_number_leads_to_who_waits_however_it_is_written() -> None:
    ladder = through(interwork_in.build(), renumbered(b"05550100", b""))
    found = events(ladder)
    waiting, came = found[ladder.find("1")], found[ladder.find("2")]
    shared = set(own_keys(waiting)) & set(other_texts(came))
    assert ("said", "…5550100") in shared
    assert shared & {key for tier in tiers(own_keys(waiting)) for key in tier}


def test_the_user_whose_client_it_is() -> None:
    ladder = pull.build()
    found = events(ladder)
    asking, told = found[ladder.find("2")], found[ladder.find("7")]
    assert user_of(asking, client_sends=True) == user_of(told, client_sends=False) != ""


def test_that_the_index_finds_whom_most_keys_lead_to() -> None:
    index = TieIndex()
    one, two = _Hashed("one"), _Hashed("two")
    index.add(("imdn", "a"), one)
    index.add(("imdn", "b"), one)
    index.add(("imdn", "b"), two)
    assert index.tied([("imdn", "a"), ("imdn", "b")]) == [one]
    assert index.tied([("imdn", "b")]) == [one, two]
    index.remove([("imdn", "a"), ("imdn", "b")], one)
    assert index.tied([("imdn", "a"), ("imdn", "b")]) == [two]
    assert index.tied([("imdn", "unheard")]) == []


class _Hashed:
    """Stands for an instance: told apart by identity."""

    def __init__(self, name: str) -> None:
        self.name = name
