"""Faults of the parties in the delivery of deferred chat messages (clause 7.3.12)."""

from conformance.reference.faults import chatting_client, chatting_pf
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import (
    answer,
    change,
    drop,
    in_body,
    in_turn,
    request,
    sent_to,
    with_status,
    without,
)
from conformance.reference.world.setting import WorldSetting

_INVITE = request("INVITE", initial=True)
_CLIENT, _PF = WorldSetting().host("client"), WorldSetting().host("pf")
_TO_CLIENT = sent_to(_CLIENT, drop(_INVITE))
_ANSWERS = sent_to(_PF, drop(answer("INVITE")))
_NEVER = drop(answer("INVITE", 100, 180, 200, 480, 486, 487, 603))

FAULTS: tuple[Fault, ...] = (
    Fault(
        "client-accepts-chat-202",
        "client",
        tamper=change(answer("INVITE", 200), with_status(202, "Accepted")),
    ),
    Fault("client-declines-chat-603", "client", chatting_client.Declines603),
    Fault("client-declines-chat-486", "client", chatting_client.Declines486),
    Fault("client-answers-chat-500", "client", chatting_client.Fails),
    Fault("client-never-answers-chat", "client", tamper=_NEVER),
    Fault(
        "client-answers-sendrecv",
        "client",
        chatting_client.AnswersSendrecv,
    ),
    Fault("client-answers-sendonly", "client", chatting_client.AnswersSendonly),
    Fault(
        "client-connects-before-ack",
        "client",
        chatting_client.ConnectsEarly,
    ),
    Fault("client-connects-chat-once", "client", chatting_client.ConnectsOnce),
    Fault(
        "client-talks-first",
        "client",
        chatting_client.TalksFirst,
    ),
    Fault("client-replies-in-session", "client", chatting_client.RepliesInSession),
    Fault("client-notifies-over-msrp", "client", chatting_client.NotifiesOverMsrp),
    Fault("client-notifies-two-in-one", "client", chatting_client.NotifiesTwiceInOne),
    Fault("client-notifies-unasked", "client", chatting_client.NotifiesUnasked),
    Fault("client-never-notifies", "client", chatting_client.NeverNotifies),
    Fault("client-ignores-conversations", "client", chatting_client.IgnoresConversations),
    Fault("client-replies-by-message", "client", chatting_client.RepliesByMessage),
    Fault(
        "pf-chat-without-conversation-id",
        "pf",
        tamper=change(_INVITE, without("Conversation-ID")),
    ),
    Fault(
        "pf-chat-without-contribution-id",
        "pf",
        tamper=change(_INVITE, without("Contribution-ID")),
    ),
    Fault(
        "pf-chat-without-sendonly", "pf", tamper=change(_INVITE, in_body(b"a=sendonly\r\n", b""))
    ),
    Fault("pf-never-acknowledges", "pf", tamper=drop(request("ACK"))),
    Fault(
        "pf-chat-delivers-nothing",
        "pf",
        chatting_pf.DeliversNothing,
    ),
    Fault("pf-chat-delivers-one", "pf", chatting_pf.DeliversOne),
    Fault("pf-chat-never-ends", "pf", chatting_pf.NeverEnds),
    Fault(
        "pf-chat-without-message-id",
        "pf",
        chatting_pf.DeliversNameless,
    ),
    Fault("pf-chat-delivers-twice", "pf", chatting_pf.DeliversTwice),
    Fault("pf-chat-keeps-delivered", "pf", chatting_pf.KeepsDelivered),
    Fault("core-keeps-chat", "core", tamper=in_turn(_TO_CLIENT, _ANSWERS)),
    Fault("core-keeps-chat-ack", "core", tamper=sent_to(_CLIENT, drop(request("ACK")))),
    Fault("core-keeps-chat-answer", "core", tamper=_ANSWERS),
)
