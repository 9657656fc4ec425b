"""Deferred 1-1 chat, client side (Conversation Function 7.3.12)."""

from typing import Any

from tests.ladder import Expect, Ladder
from tests.scenarios.agents import accept_contact, first_request
from tests.scenarios.bodies import Stored, cpim, imdn, imdn_twice
from tests.scenarios.legs import Hop
from tests.scenarios.network import Network
from tests.scenarios.ordinary import chat_invite
from tests.scenarios.parties import ALICE, ANONYMOUS, BOB, ICSI, SECOND, Setting
from tests.scenarios.push_large import CPM_IDS, GONE, LONG, session_build
from tests.scenarios.push_pager import notify
from tests.scenarios.pushing import Labels, Pushing
from tests.scenarios.sessions import Session
from tests.scenarios.variations import (
    DEPARTURES,
    REFUSALS,
    UNSEEN,
    Broken,
    broken,
    bypasses,
    conforming,
    core_answers,
    departures,
    make,
    mirrored,
    networks,
    one_way,
    refusals,
    silences,
    tap,
    too_early,
    unfinished,
)

FLOW = "chat-deferred"
LABELS = Labels("1-2", "3-4", "5-6", "7", "8", "end")
DECLINING = Labels("1-2", "3-4b", "5-6", "7", "8", "end")
CORE_CODES = ("403", "404", "488", "503")
"""What only the core says; 480, 486 and 603 are the client's words in 7.3.12."""

ASKS = "positive-delivery, display"


def build(
    setting: Setting | None = None,
    *,
    notices: tuple[str, ...] = (),
    service: str = "session",
    notices_late: bool = False,
    **options: Any,
) -> Ladder:
    """Two chat messages that waited; options are those of `Pushing` and `session_build`."""

    def tell(net: Network, session: Session, messages: list[Stored]) -> None:
        for message in messages:
            for notice in notices:
                notify(net, message, notice)

    base = Pushing(
        service,
        labels=LABELS,
        headers=(("Referred-By", f"<{BOB}>"),),
        count=2,
        filled=tell if notices and not notices_late else None,
        ended=tell if notices_late else None,
    )
    return session_build(FLOW, service, setting, base=base, **options)


def reply(net: Network, session: Session, messages: list[Stored]) -> None:
    """Content from the client in the delivery session."""
    text = Stored(net.token(16), "On my way.", "", ALICE, ANONYMOUS, net.now, "", "", "")
    session.channel.send("client", cpim(text), Hop())


def notice_in_session(net: Network, session: Session, messages: list[Stored]) -> None:
    """A disposition notification over MSRP."""
    body = imdn(messages[0], "delivered", net.token(16), net.now)
    session.channel.send("client", body, Hop())


def two_notices_at_once(net: Network, session: Session, messages: list[Stored]) -> None:
    """One SIP MESSAGE with two notifications."""
    net.wait(SECOND)
    path = [net.who.client, *net.who.inner, net.who.pf]
    headers = [
        ("P-Preferred-Identity", f"<{ALICE}>"),
        ("P-Preferred-Service", f"{ICSI}.session"),
        accept_contact("session"),
        ("Content-Type", "message/cpim"),
    ]
    body = imdn_twice(messages[0], net.token(16), net.now)
    sent = first_request(net, "MESSAGE", path, BOB, (ALICE, BOB), headers, body)
    net.answer(sent, 200, "OK")


def new_session(net: Network, session: Session, messages: list[Stored]) -> None:
    """The user's reply as a session of its own, which system A declines for now."""
    net.wait(3 * SECOND)
    chat_invite(net, messages[0])


CLIENT_SIDE = (("client", "core"), ("client", "pf"))

VARIANTS = {
    **networks(build, by_client=False, with_session=True),
    **conforming("delivered", build, disposition=ASKS, notices=("delivered",)),
    **conforming("displayed", build, disposition=ASKS, notices=("displayed",)),
    **conforming(
        "delivered-and-displayed", build, disposition=ASKS, notices=("delivered", "displayed")
    ),
    **conforming(
        "notices-after-the-end", build, disposition=ASKS, notices=("delivered",), notices_late=True
    ),
    **conforming("two-sessions", build, more=True),
    **conforming("notices-withheld", build, disposition=ASKS),
    **conforming(
        "declined-480", build, labels=DECLINING, answer=(480, "Temporarily not available")
    ),
    **conforming("passive-client", build, answer_setup="passive"),
    **conforming("passive-client-no-bind", build, answer_setup="passive", bind=False),
    **conforming("passive-offer", build, offer_setup="passive"),
    **conforming("no-setup-attribute", build, offer_setup="", answer_setup=""),
    **conforming("answer-without-direction", build, answer_direction=""),
    **conforming("inactive-answer", build, answer_direction="inactive"),
    **conforming("client-ends", build, bye="client"),
    **conforming("content-crosses-bye", build, bye="crossed"),
    **conforming("crossing-byes", build, bye="both"),
    **conforming("crossing-byes-481", build, bye="both", bye_status=GONE),
    **conforming("two-devices", build, devices=2),
    **conforming("losing-fork-cancelled", build, fork=487),
    **conforming("losing-fork-busy", build, fork=486),
    **conforming("large-messages", build, repeat=LONG),
    **conforming("one-message", build, count=1),
    **conforming("many-messages", build, count=25),
    **conforming("success-reports", build, success_report=True),
    **conforming("no-failure-reports", build, failure_report="no"),
    **conforming("refreshed-by-reinvite", build, refresh="INVITE"),
    **conforming("refreshed-by-update", build, refresh="UPDATE"),
    **conforming("without-contribution-id", build, omits=CPM_IDS[1:]),
    **conforming("reply-in-new-session", build, filled=new_session),
    **conforming("slow-user", build, think=25 * SECOND),
    "mirrored": make("mirrored", build, after=mirrored),
    "client-side-only": make("client-side-only", build, after=tap(*CLIENT_SIDE)),
    "pf-side-only": make("pf-side-only", build, after=tap(("core", "pf"), ("client", "pf"))),
    "core-side-only": make("core-side-only", build, UNSEEN, after=tap(("core", "pf"))),
    "sip-only": make("sip-only", build, UNSEEN, after=lambda ladder: ladder.only_port(5060)),
    "one-direction-only": make(
        "one-direction-only", build, UNSEEN, after=one_way(("pf", "core"), ("core", "client"))
    ),
}

HOLDERS = {
    "2": ("chat-deferred/1-2", "core"),
    "3": ("chat-deferred/3-4", "client"),
    "4": ("chat-deferred/3-4", "core"),
    "5": ("chat-deferred/5-6", "pf"),
    "6": ("chat-deferred/5-6", "core"),
    "7": ("CF-7.3.12-3-msrp", "client"),
    "8": ("chat-deferred/8", "pf"),
}


def _client(name: str, rule: str, **options: Any) -> dict[str, Broken]:
    return broken(name, build, rule, "client", **options)


REFUSED, DECLINES = core_answers(build, FLOW, ("1-2", "3-4"))
DECLINES = {name: two for name, two in DECLINES.items() if name[-3:] in CORE_CODES}

BREAKS = {
    **REFUSED,
    **silences(build, HOLDERS),
    **bypasses(
        build,
        {"5-6": ("chat-deferred/5-6", "pf"), "end": ("chat-deferred/end", "pf")},
    ),
    **departures(build, "3-4", "chat-deferred/3-4", "client", DEPARTURES),
    **too_early(build, "4", "3", "chat-deferred/3-4", "core"),
    **_client("content-before-delivery", "CF-7.3.12-1-receive", bound=reply),
    **_client("reply-in-the-session", "CF-7.3.12-note-reply", filled=reply),
    **_client(
        "notice-over-msrp", "CF-7.3.12-2-notification", disposition=ASKS, filled=notice_in_session
    ),
    **_client(
        "two-notices-in-one",
        "CF-7.3.12-2-notification",
        disposition=ASKS,
        filled=two_notices_at_once,
    ),
    **broken("no-conversation-id", build, "CF-7.3.12-3-conversation-id", "pf", omits=CPM_IDS[:1]),
    **_client("accepted-202", "CF-7.3.12-3-accept", answer=(202, "Accepted")),
    **_client("connected-before-ack", "CF-7.3.12-3-msrp", bind_before_ack=True),
    **_client("declined-603", "CF-7.3.12-3-decline", answer=(603, "Decline")),
    **_client("answered-sendrecv", "RFC3264-recvonly", answer_direction="sendrecv"),
    **_client("answered-sendonly", "RFC3264-recvonly", answer_direction="sendonly"),
    **broken(
        "asks-without-message-id",
        build,
        "RFC5438-message-id",
        "pf",
        disposition="positive-delivery",
        has_message_id=False,
    ),
}

AMBIGUOUS = Expect("inconc", reason_code="spec-ambiguous")

INCONCLUSIVE = {
    **unfinished(build, HOLDERS),
    **DECLINES,
    **refusals(build, "3-4", [code for code in REFUSALS if code not in (480, 486, 603)]),
    "declined-486": (
        make("declined-486", build, AMBIGUOUS, answer=(486, "Busy Here")),
        AMBIGUOUS,
    ),
    **{n: (VARIANTS[n], UNSEEN) for n in ("core-side-only", "sip-only", "one-direction-only")},
}

UNIDENTIFIED = {
    "without-sendonly": (
        make("without-sendonly", build, Expect("none"), offer_direction="", answer_direction=""),
        Expect("none"),
    )
}
