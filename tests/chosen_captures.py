"""Which ladders become captures: the most instructive of each flow, and what each of them shows.

A name is that of a ladder in tests/scenarios; the sentence goes into captures/index.toml.
"""

Chosen = dict[str, dict[str, str]]

SESSION_ACCEPTED = {
    "base": "three deferred messages in one session, torn down by the participating function",
    "ipv6": "the same over IPv6",
    "losing-fork-cancelled": "the core forks to two devices: one answers, the other is cancelled",
    "two-devices": "each device gets a session of its own",
    "b2bua-core": "the core's border changes Call-ID, tags and Via; the identities tie the legs",
    "aborted-and-sent-anew": "an MSRP chunk ended with # and the message sent again",
    "crossing-byes": "both sides hang up at once",
    "client-side-only": "a tap on the client's own links",
}

SESSION_RULES = {
    "pushed-after-expiry": "the push comes after the client's registration has expired",
    "pushed-again": "the same messages come again after a confirmed delivery",
    "asks-without-message-id": "a message asks for a notification and has no Message-ID",
    "never-torn-down": "nobody ends the session within 180 s of the last delivery",
}

SESSION_REJECTED = {
    **SESSION_RULES,
    "silent-at-3": "the core never passes the invitation on, and says nothing",
    "silent-at-4": "the client never answers the invitation",
    "4-5-answered-481": "the client answers a well-formed invitation with 481",
    "5-before-4": "the core sends an answer on that it has not received yet",
}

ACCEPTED: Chosen = {
    "push-pager": {
        "base": "a short deferred message after the client's registration",
        "tcp": "the same over TCP",
        "fragmented": "the same in IP fragments",
        "retransmitted": "frames lost on the way and sent again by the true timers",
        "two-devices": "both devices of the user get the message, once each",
        "notified-twice": "the client notifies of delivery and of display, a MESSAGE each",
        "retried-after-silence": "no answer at first; the participating function tries again",
        "mirrored": "every packet twice, as a mirror port shows it",
        "client-side-only": "a tap on the client's link alone",
    },
    "push-large": {
        "base": "one large deferred message in chunks, then the server disconnects",
        "tcp": "the same with SIP over TCP",
        "passive-client": "the server connects",
        "offerless": "an INVITE without SDP; the offer comes in the 200",
    },
    "push": SESSION_ACCEPTED,
    "pull": {
        "base": "SUBSCRIBE, the list, two of three messages retrieved, the client hangs up",
        "three-core-nodes-tcp": "the core is a P-, an I- and an S-CSCF, over TCP",
        "compact": "compact header forms",
        "notify-before-200": "the NOTIFY overtakes the 200 to its SUBSCRIBE (RFC 6665)",
        "nothing-chosen": "the user chooses nothing: the flow is complete at 9",
        "only-discard": "everything is discarded, so that no message comes",
        "first-list-empty": "the first NOTIFY is empty, the list comes in the second",
        "challenged": "407 and the retry with credentials",
        "pf-ends": "the participating function hangs up",
        "client-side-only": "a tap on the client's own links",
    },
    "pull-notify": {
        "base": "a NOTIFY without subscription, two messages retrieved",
        "nothing-chosen": "the user chooses nothing: the flow is complete at 5",
        "invite-before-5": "the invitation leaves before the 200 to the NOTIFY has arrived",
        "client-ends": "the client hangs up",
        "ipv6": "the same over IPv6",
        "pf-side-only": "a tap on the participating function's links",
    },
    "chat-deferred": {
        "base": "chat messages in a sendonly session",
        "delivered-and-displayed": "both notifications, a SIP MESSAGE each",
        "declined-480": "the client does not wish to receive now",
        "passive-client": "the participating function connects",
        "inactive-answer": "an inactive answer is legal, and nothing is owed then",
        "refreshed-by-reinvite": "a session refresh that changes nothing",
        "losing-fork-busy": "two devices, one of them busy",
        "reply-in-new-session": "the user's reply is a session of its own",
        "client-side-only": "a tap on the client's own links",
    },
    "undelivered": {
        "base": "a message is deferred with 202 and reported failed two hours later",
        "tcp": "the same over TCP",
        "status-forbidden": "the notification says forbidden",
        "remote-side-only": "a tap between system A and the core",
        "two-messages": "two messages expire",
    },
    "interwork-out": {
        "base": "a message to an SMS user",
        "b2bua-pf": "the participating function is a back-to-back user agent",
        "challenged": "407 and the retry with credentials",
        "answered-202": "accepted with 202: advised against, no fault",
        "non-cpm-leg-unseen": "the non-CPM leg is not captured",
    },
    "interwork-in": {
        "base": "an SMS to a CPM user",
        "three-core-nodes": "the core is a P-, an I- and an S-CSCF",
        "b2bua-pf": "the participating function is a back-to-back user agent",
        "two-messages": "two messages, one after the other",
        "non-cpm-leg-unseen": "the non-CPM leg is not captured",
    },
}

REJECTED: Chosen = {
    "push-pager": {
        "pushed-after-expiry": "the push comes after the client's registration has expired",
        "pushed-after-removal": "the push comes after the client has unregistered",
        "pushed-again": "the same message comes again after a confirmed delivery",
        "asks-without-message-id": "it asks for a notification and has no Message-ID",
        "silent-at-3": "the core never passes the message on, and says nothing",
        "silent-at-4": "the client never answers, while the core sends again and again",
        "4-5-answered-400": "the client answers a well-formed message with 400",
        "5-before-4": "the core sends an answer on that it has not received yet",
    },
    "push-large": {
        **SESSION_RULES,
        "ended-inside-a-message": "the server hangs up inside a message",
    },
    "push": {
        **SESSION_REJECTED,
        "nothing-delivered": "the session is torn down, and nothing came over it",
        "ended-inside-a-message": "the participating function hangs up inside a message",
    },
    "pull": {
        "notify-skipped": "no NOTIFY comes, and the client invites all the same",
        "silent-at-6": "the participating function never sends the NOTIFY",
        "silent-at-12": "the participating function never answers the invitation",
        "identity-without-action": "a message is named without what is to be done with it",
        "no-identities": "the invitation names no message",
        "unlisted-named": "a message is named that no NOTIFY listed",
        "one-not-delivered": "a chosen message is never delivered",
        "unselected-delivered": "a message comes that nobody chose",
        "client-ends-too-early": "the client hangs up before all was delivered",
        "nobody-ends": "nobody hangs up within 180 s",
        "handled-listed-again": "what was retrieved is listed again",
        "no-subscription-state": "a NOTIFY without Subscription-State",
        "notify-of-another-event": "a NOTIFY that names another event package",
        "expires-raised": "the 200 to SUBSCRIBE grants more than was asked for",
        "8-9-answered-481": "the client answers the NOTIFY of its own subscription with 481",
    },
    "pull-notify": {
        "no-body": "a NOTIFY that says nothing of the messages",
        "identity-without-action": "a message is named without what is to be done with it",
        "unlisted-named": "a message is named that no NOTIFY listed",
        "one-not-delivered": "a chosen message is never delivered",
        "client-ends-too-early": "the client hangs up before all was delivered",
        "handled-listed-again": "what was retrieved is listed again",
        "no-subscription-state": "a NOTIFY without Subscription-State",
        "silent-at-4": "the client never answers the NOTIFY",
    },
    "chat-deferred": {
        "no-conversation-id": "the invitation carries no Conversation-ID",
        "accepted-202": "the client accepts with 202",
        "declined-603": "the client declines with 603",
        "connected-before-ack": "the client's first SEND leaves before the ACK has arrived",
        "silent-at-7": "the active client never connects",
        "content-before-delivery": "the client sends content before anything was delivered",
        "reply-in-the-session": "the client replies in the session",
        "notice-over-msrp": "a disposition notification over MSRP",
        "two-notices-in-one": "one SIP MESSAGE with two notifications",
        "answered-sendrecv": "sendonly is answered with sendrecv",
        "asks-without-message-id": "a message asks for a notification and has no Message-ID",
        "silent-at-5": "the participating function never acknowledges the 200",
    },
    "undelivered": {
        "accepted-200": "the participating function answers 200 for a message that it defers",
        "delivered-all-the-same": "delivered before the 202, and reported failed",
        "delivered-after-notice": "delivered after it was reported failed",
        "9-10-answered-481": "system A answers the notification with 481",
        "silent-at-9": "system A never answers the notification",
    },
    "interwork-out": {
        "participating-function-bypassed": "the core leaves out the participating function",
        "answered-at-once": "the gateway answers before the non-CPM side has",
        "silent-at-7": "the gateway never answers",
        "7-8-answered-500": "the gateway answers 500",
        "asks-without-message-id": "it asks for a notification and has no Message-ID",
        "10-before-9": "the core sends an answer on that it has not received yet",
    },
    "interwork-in": {
        "silent-at-4": "the participating function keeps the message to itself",
        "silent-at-6": "the client never answers",
        "6-10-answered-405": "the client answers 405",
        "9-before-8": "the core sends an answer on that it has not received yet",
    },
}

OPEN_SESSION = {
    "ends-before-4": "the capture ends before the client's answer is due",
    "4-5-answered-486": "the user is busy: a choice, no fault",
    "sip-only": "a capture filter for port 5060 shows no MSRP",
}

INCONCLUSIVE: Chosen = {
    "push-pager": {
        "ends-before-4": "the capture ends before the client's answer is due",
        "4-5-answered-403": "declined with 403: whose policy, the capture does not say",
        "one-direction-only": "a tap that hears one direction",
    },
    "push-large": {**OPEN_SESSION, "client-ends-before-all": "the client gives up"},
    "push": {**OPEN_SESSION, "client-ends-before-all": "the client gives up"},
    "pull": {
        "ends-before-6": "the capture ends before the NOTIFY is due",
        "subscribe-unseen": "the capture begins after the SUBSCRIBE",
        "12-13-answered-480": "the invitation is declined with 480",
        "sip-only": "a capture filter for port 5060 shows no MSRP",
    },
    "pull-notify": {
        "ends-before-8": "the capture ends before the invitation is answered",
        "4-5-answered-480": "the NOTIFY is declined with 480",
    },
    "chat-deferred": {
        "declined-486": "486: the text leaves open whether it is allowed",
        "ends-before-7": "the capture ends before the client connects",
        "core-side-only": "a tap between core and participating function shows no MSRP",
    },
    "undelivered": {"9-10-answered-603": "the notification is declined"},
    "interwork-out": {
        "7-8-answered-404": "the non-CPM user is not known",
        "ends-before-7": "the capture ends before the gateway answers",
    },
    "interwork-in": {
        "6-10-answered-480": "the client is not available",
        "ends-before-6": "the capture ends before the client answers",
    },
}

ORDINARY = {
    "subscribe-reg": "the client watches its own registration",
    "subscribe-presence": "the client watches a friend's presence",
    "chat": "an ordinary chat session, both ways",
    "immediate-delivery": "a message delivered while its sender waits",
    "notifications": "disposition notifications about messages of another day",
    "file-transfer": "a file offered and declined",
    "is-composing": "an is-composing indication",
    "registrations": "registrations alone",
}
"""Traffic of no flow."""

BROKEN = {
    ("pull", "notify-skipped"): "pull/6-7",
    ("interwork-out", "participating-function-bypassed"): "interwork-out/2",
}
"""What is broken where the ladder leaves it open."""

ROLES_GIVEN = frozenset({"undelivered", "interwork-out", "interwork-in"})
"""Flows whose traffic says too little of who is who: their entries say it."""
