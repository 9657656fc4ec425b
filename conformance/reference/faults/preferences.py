"""Planted faults against users' preferences (System Description 5.2.2.2 and 5.4)."""

from collections.abc import Sequence
from dataclasses import replace

from conformance.reference.faults.fault import Fault
from conformance.reference.interworking.function import InterworkingFunction
from conformance.reference.interworking.outward import Outward
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.pf.arrival import Arrival
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.disposal import Disposals
from conformance.reference.pf.notifying import Notifying
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.push_session import Load
from conformance.reference.pf.pushing import Pushing
from conformance.reference.pf.terminating import Terminating
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.preferences.rules import Device, Disposal, Expiry, Stored
from conformance.reference.store.deferred_queue import Deferred, DeferredKind
from conformance.reference.user_agents.incoming import Content


def function(
    *,
    terminating: type[Terminating] = Terminating,
    disposals: type[Disposals] = Disposals,
    deferral: type[Deferral] = Deferral,
    pushing: type[Pushing] = Pushing,
    notifying: type[Notifying] = Notifying,
) -> type[ParticipatingFunction]:
    """A participating function of which some parts are others."""

    class Faulty(ParticipatingFunction):
        def make_terminating(self) -> Terminating:
            return terminating(self.host, self.forwarding, self.disposals, self.handover)

        def make_disposals(self) -> Disposals:
            return disposals(self.host, self.deferral, self.failures)

        def make_deferral(self) -> Deferral:
            return deferral(self.host, self.failures)

        def make_pushing(self) -> Pushing:
            return pushing(self.host, self.deferral)

        def make_notifying(self) -> Notifying:
            return notifying(self.host, self.deferral)

    return Faulty


# 5.4 A: handling of messages.


class DefersAll(Disposals):
    """Defers what was to be discarded, stored or refused."""

    def settle(
        self, disposal: Disposal, user: str, message: CpmMessage, kind: DeferredKind
    ) -> int:
        """Defer it."""
        return self.defer(user, message, kind)


class DiscardsAll(Disposals):
    """Discards what was to be deferred, and says so at once."""

    def defer(self, user: str, message: CpmMessage, kind: DeferredKind) -> int:
        """Discard it."""
        return self.discard(user, message)


class StoresAll(Disposals):
    """Puts into the message store what was to be deferred."""

    def defer(self, user: str, message: CpmMessage, kind: DeferredKind) -> int:
        """Store it."""
        return self.store(user, message)


class RefusesAll(Disposals):
    """Refuses what was to be deferred."""

    def defer(self, user: str, message: CpmMessage, kind: DeferredKind) -> int:
        """Refuse it."""
        return self.reject(user, message)


class DeliversAll(Terminating):
    """Asks nobody whose messages are wanted, and which."""

    def allowed(
        self, arrival: Arrival, preferences: Preferences | None, *, available: bool
    ) -> Sequence[Disposal]:
        """Deliver while somebody is there."""
        if available:
            return (Disposal.DELIVER,)
        return super().allowed(arrival, preferences, available=available)


class KeepsToCpm(Terminating):
    """Never hands a message to another service."""

    def interwork(self, arrival: Arrival) -> None:
        """Defer it."""
        disposals = self.disposals
        self.answer(arrival, disposals.defer(arrival.user, arrival.message, "pager"))


class InterworksAll(Terminating):
    """Hands to another service what was to be deferred."""

    def allowed(
        self, arrival: Arrival, preferences: Preferences | None, *, available: bool
    ) -> Sequence[Disposal]:
        """Interwork where nobody is there."""
        if not available:
            return (Disposal.INTERWORK,)
        return super().allowed(arrival, preferences, available=available)


# 5.4 B: adaptation.


class AdaptsNothing(Terminating):
    """Sends a message on as it came."""

    def adapted_content(
        self, arrival: Arrival, preferences: Preferences | None, device: Device
    ) -> Content | None:
        """Leave it as it is."""
        return None


class PushesAsItCame(Pushing):
    """Pushes a message as it came."""

    def enter(self, load: Load) -> None:
        """Leave it as it is."""
        super().enter(replace(load, preferences=None))


# 5.4 C, 5.2.2.2: what expires.


class DiscardsExpired(Deferral):
    """Discards every message that expires."""

    def choose_expiry(self, deferred: Deferred, allowed: Sequence[Expiry]) -> Expiry:
        """Discard."""
        return Expiry.DISCARD


class ExtendsExpired(Deferral):
    """Gives every message that expires more time."""

    def choose_expiry(self, deferred: Deferred, allowed: Sequence[Expiry]) -> Expiry:
        """Extend."""
        return Expiry.EXTEND


class StoresExpired(Deferral):
    """Stores every message that expires."""

    def choose_expiry(self, deferred: Deferred, allowed: Sequence[Expiry]) -> Expiry:
        """Store."""
        return Expiry.STORE


# 5.4 E: what is stored.


class QueuesCopies(Deferral):
    """Keeps the copy that the user wants in the queue of deferred messages."""

    def keep_copy(self, deferred: Deferred, preferences: Preferences | None) -> None:
        """Store it in the wrong place."""
        if preferences is not None and preferences.stores(Stored.MESSAGE) is True:
            queue, message = self.host.queue, deferred.message
            queue.add(deferred.user, message, deferred.kind, self.host.now, None)


# 5.4 F: devices, and the two options of 5.2.2.2.


class PushesToAll(Pushing):
    """Pushes to every device."""

    def targets_of(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> Sequence[Device]:
        """All of them."""
        return devices


class PushesToOthers(Pushing):
    """Pushes to those devices that the user left out."""

    def targets_of(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> Sequence[Device]:
        """The others."""
        chosen = super().targets_of(user, devices, preferences)
        return [device for device in devices if device not in chosen]


class PushesToNone(Pushing):
    """Never pushes."""

    def targets_of(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> Sequence[Device]:
        """Nobody."""
        return ()


class NotifiesAll(Notifying):
    """Sends notifications to every device."""

    def notify_unasked(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> None:
        """Ask no preference which."""
        super().notify_unasked(user, devices, Preferences())


class Pushes(ParticipatingFunction):
    """Pushes where the user wants to be notified."""

    def deliver_waiting(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> None:
        """Push what waits."""
        self.pushing.push(user, devices, preferences)


class Notifies(ParticipatingFunction):
    """Notifies where the user wants the messages themselves."""

    def deliver_waiting(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> None:
        """Tell of what waits."""
        self.notifying.notify_unasked(user, devices, preferences)


# The active profile.


class _DefaultProfile(Pushing):
    def targets_of(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> Sequence[Device]:
        return super().targets_of(user, devices, _without_active(preferences))


class _DefaultProfileAtOnce(Terminating):
    def serve(self, arrival: Arrival, preferences: Preferences | None) -> None:
        super().serve(arrival, _without_active(preferences))


def _without_active(preferences: Preferences | None) -> Preferences | None:
    """The preferences as if no profile were active on any device."""
    return None if preferences is None else replace(preferences, active=())


# The interworking selection.


class OwnOrder(InterworkingFunction):
    """Tries the services in the network's order, whatever their priorities are."""

    def hand_over(self, out: Outward) -> None:
        """In the order in which we have them."""
        out.services = tuple(name for name in self.legs if name in out.services)
        super().hand_over(out)


class AsksNobody(InterworkingFunction):
    """Selects a service without the user's preferences."""

    def choose_service(self, out: Outward) -> None:
        """Take what is there."""
        out.services = self.available_services()
        self.hand_over(out)


FAULTS: tuple[Fault, ...] = (
    Fault("pf-defers-all", "pf", replaced=function(disposals=DefersAll)),
    Fault("pf-discards-deferred", "pf", replaced=function(disposals=DiscardsAll)),
    Fault("pf-stores-deferred", "pf", replaced=function(disposals=StoresAll)),
    Fault("pf-refuses-deferred", "pf", replaced=function(disposals=RefusesAll)),
    Fault("pf-delivers-all", "pf", replaced=function(terminating=DeliversAll)),
    Fault("pf-keeps-to-cpm", "pf", replaced=function(terminating=KeepsToCpm)),
    Fault("pf-interworks-all", "pf", replaced=function(terminating=InterworksAll)),
    Fault(
        "pf-adapts-nothing",
        "pf",
        replaced=function(terminating=AdaptsNothing, pushing=PushesAsItCame),
    ),
    Fault("pf-queues-copies", "pf", replaced=function(deferral=QueuesCopies)),
    Fault("pf-discards-expired", "pf", replaced=function(deferral=DiscardsExpired)),
    Fault("pf-extends-expired", "pf", replaced=function(deferral=ExtendsExpired)),
    Fault("pf-stores-expired", "pf", replaced=function(deferral=StoresExpired)),
    Fault("pf-pushes-to-all", "pf", replaced=function(pushing=PushesToAll)),
    Fault("pf-pushes-to-others", "pf", replaced=function(pushing=PushesToOthers)),
    Fault("pf-pushes-to-none", "pf", replaced=function(pushing=PushesToNone)),
    Fault("pf-notifies-all", "pf", replaced=function(notifying=NotifiesAll)),
    Fault("pf-pushes-instead", "pf", replaced=Pushes),
    Fault("pf-notifies-instead", "pf", replaced=Notifies),
    Fault("pf-takes-default-profile", "pf", replaced=function(pushing=_DefaultProfile)),
    Fault(
        "pf-serves-by-default-profile", "pf", replaced=function(terminating=_DefaultProfileAtOnce)
    ),
    Fault("iwf-keeps-own-order", "iwf", replaced=OwnOrder),
    Fault("iwf-asks-nobody", "iwf", replaced=AsksNobody),
)
