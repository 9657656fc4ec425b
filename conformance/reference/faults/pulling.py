"""Faults of the parties in pulling (System Description B.3.6.2, C.3.3.2, 5.2.1.1.1)."""

from conformance.reference.faults import pulling_client, pulling_pf
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import (
    answer,
    change,
    drop,
    in_turn,
    request,
    with_field,
    with_status,
    without,
)
from conformance.reference.transport.draft import Draft


def _without_body(draft: Draft) -> None:
    draft.remove("Content-Type")
    draft.body = b""


_SILENT_10 = in_turn(drop(request("INVITE")), drop(answer("INVITE")))
_SILENT_12 = drop(answer("INVITE"))
_SILENT_4 = drop(answer("SUBSCRIBE"))
_ANOTHER_CALL = with_field("Call-ID", "another-call@10.0.3.1")
_ANOTHER_EVENT = with_field("Event", "presence")
_WITHOUT_STATE = without("Subscription-State")
_NOTIFY, _SUBSCRIBED = request("NOTIFY"), answer("SUBSCRIBE", 200)

FAULTS: tuple[Fault, ...] = (
    Fault("client-names-no-message", "client", pulling_client.NamesNoMessage),
    Fault("client-names-no-action", "client", pulling_client.NamesNoAction),
    Fault("client-forgets-one-action", "client", pulling_client.ForgetsOneAction),
    Fault("client-names-unlisted", "client", pulling_client.NamesUnlisted),
    Fault("client-invites-before-the-list", "client", pulling_client.InvitesBeforeTheList),
    Fault("client-invites-as-cpm-session", "client", pulling_client.InvitesAsSession),
    Fault("client-hangs-up-early", "client", pulling_client.HangsUpEarly),
    Fault("client-hangs-up-at-once", "client", pulling_client.HangsUpAtOnce),
    Fault("client-never-hangs-up", "client", pulling_client.NeverHangsUp),
    Fault("client-answers-notify-481", "client", pulling_client.RefusesTheList),
    Fault("client-answers-notify-500", "client", pulling_client.FailsAtTheList),
    Fault("client-never-answers-notify", "client", tamper=drop(answer("NOTIFY"))),
    Fault("client-never-acknowledges", "client", tamper=drop(request("ACK"))),
    Fault("client-asks-nobody", "client", pulling_client.AsksNobody),
    Fault("pf-never-notifies", "pf", pulling_pf.NeverTells),
    Fault("pf-notifies-outside-the-dialog", "pf", pulling_pf.TellsOutside),
    Fault("pf-notifies-with-another-call-id", "pf", tamper=change(_NOTIFY, _ANOTHER_CALL)),
    Fault("pf-notifies-without-state", "pf", tamper=change(_NOTIFY, _WITHOUT_STATE)),
    Fault("pf-notifies-of-another-event", "pf", tamper=change(_NOTIFY, _ANOTHER_EVENT)),
    Fault("pf-notifies-without-body", "pf", tamper=change(_NOTIFY, _without_body)),
    Fault("pf-raises-expires", "pf", tamper=change(_SUBSCRIBED, with_field("Expires", "7200"))),
    Fault("pf-accepts-202", "pf", tamper=change(_SUBSCRIBED, with_status(202, "Accepted"))),
    Fault("pf-answers-subscribe-500", "pf", pulling_pf.RefusesSubscription),
    Fault("pf-never-answers-subscribe", "pf", pulling_pf.IgnoresSubscription),
    Fault("pf-lists-handled", "pf", pulling_pf.ListsHandled),
    Fault("pf-keeps-handled", "pf", pulling_pf.KeepsHandled),
    Fault("pf-lists-nothing", "pf", pulling_pf.ListsNothing),
    Fault("pf-lists-not-all", "pf", pulling_pf.ListsNotAll),
    Fault("pf-delivers-unchosen", "pf", pulling_pf.DeliversUnchosen),
    Fault("pf-delivers-not-all", "pf", pulling_pf.DeliversNotAll),
    Fault("pf-delivers-nothing", "pf", pulling_pf.DeliversNothing),
    Fault("pf-stops-after-one", "pf", pulling_pf.StopsAfterOne),
    Fault("pf-delivers-twice", "pf", pulling_pf.DeliversTwice),
    Fault("pf-does-nothing-but-deliver", "pf", pulling_pf.DoesNothing),
    Fault("pf-never-answers-pull", "pf", tamper=drop(answer("INVITE", 100, 200, 487))),
    Fault("pf-answers-pull-500", "pf", pulling_pf.Fails),
    Fault("core-keeps-subscribe", "core", tamper=drop(request("SUBSCRIBE"))),
    Fault("core-keeps-subscribe-answer", "core", tamper=_SILENT_4),
    Fault("core-keeps-notify", "core", tamper=drop(_NOTIFY)),
    Fault("core-keeps-notify-answer", "core", tamper=drop(answer("NOTIFY"))),
    Fault("core-keeps-pull", "core", tamper=_SILENT_10),
    Fault("core-keeps-pull-answer", "core", tamper=_SILENT_12),
)
