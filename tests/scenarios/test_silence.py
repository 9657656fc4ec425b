"""Silence passes as RFC 3261's timers make it pass."""

from itertools import pairwise

import pytest

from conformance.observation.packet import Transport
from tests.ladder import Ladder
from tests.scenarios import catalogue, push, push_pager
from tests.scenarios.parties import SECOND, Setting

ACCESS, NETWORK = 2 * SECOND, SECOND // 2
SILENT = [(flow, name) for flow, name in catalogue.names("BREAKS") if name.startswith("silent")]


def gaps(ladder: Ladder, start: str, sender: str) -> list[float]:
    """Seconds between the copies of one request."""
    copies = [s for s in ladder.shots if s.start.startswith(start) and s.sender == sender]
    return [(two.time - one.time) / SECOND for one, two in pairwise(copies)]


def test_a_message_is_sent_again_by_timer_e_until_timer_f() -> None:
    ladder = push_pager.BREAKS["silent-at-4"][0]()
    assert gaps(ladder, "MESSAGE", "pf") == [0.5, 1, 2, *[4] * 7]
    assert gaps(ladder, "MESSAGE", "core") == [2, 4, 8, *[16] * 7]


def test_an_invite_is_sent_again_by_timer_a_until_timer_b_and_a_proxy_answers_408() -> None:
    ladder = push.BREAKS["silent-at-4"][0]()
    assert gaps(ladder, "INVITE", "core") == [2, 4, 8, 16, 32, 64]
    assert gaps(ladder, "INVITE", "pf") == []
    invited = next(s for s in ladder.shots if s.label == "3")
    refused = next(s for s in ladder.shots if s.start.startswith("SIP/2.0 408"))
    assert 0 <= refused.time - invited.time - 64 * ACCESS < SECOND // 10
    assert any(s.start.startswith("ACK") and s.time > refused.time for s in ladder.shots)


def test_an_invite_of_which_nobody_heard_is_sent_by_its_client_only() -> None:
    ladder = push.BREAKS["silent-at-3"][0]()
    assert gaps(ladder, "INVITE", "pf") == [0.5, 1, 2, 4, 8, 16]
    assert not any(s.start.startswith("SIP/2.0 100") for s in ladder.shots)


def test_a_2xx_is_sent_again_until_its_ack() -> None:
    ladder = push.BREAKS["silent-at-5"][0]()
    answers = [s for s in ladder.shots if s.start == "SIP/2.0 200 OK" and s.sender == "client"]
    answers = [s for s in answers if b"INVITE" in s.octets]
    seconds = [(two.time - one.time) / SECOND for one, two in pairwise(answers)]
    assert seconds == [2, 4, 8, *[16] * 7]


def test_tcp_carries_no_retransmission() -> None:
    ladder = push_pager.build(Setting(silent="4", transport=Transport.TCP))
    assert gaps(ladder, "MESSAGE", "core") == []


@pytest.mark.parametrize(("flow", "name"), SILENT)
def test_every_link_shows_traffic_both_ways_past_every_deadline(flow: str, name: str) -> None:
    ladder = catalogue.ladder("BREAKS", flow, name)
    last = max(shot.time for shot in ladder.shots if shot.kind != "other")
    later = [shot for shot in ladder.shots if shot.time > last + 500 * SECOND]
    heard = {(shot.source.host, shot.destination.host) for shot in later}
    links = {(shot.source.host, shot.destination.host) for shot in ladder.shots}
    assert links <= heard, ladder.show()
    label = name.removeprefix("silent-at-")
    assert label not in {shot.label for shot in ladder.shots}
