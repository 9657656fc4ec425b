"""What a participating function may do, by a user's preferences (5.4) and by its own settings.

Each function gives the allowed options, the preferred first: one where a preference binds, all
where nobody knows the preferences.
"""

from collections.abc import Sequence
from itertools import combinations

from conformance.reference.messaging.content import CpmMessage
from conformance.reference.preferences.profiles import (
    SESSION_WHEN_UNAVAILABLE,
    WHEN_EXPIRED,
    WHEN_UNAVAILABLE,
    Delivery,
    Device,
    Disposal,
    Expiry,
    Kind,
    Preferences,
)

WHEN_AVAILABLE = (Disposal.DELIVER, Disposal.REJECT, Disposal.DEFER)
"""What may become of a message for an available user whose preferences nobody knows."""

_MOST_SUBSETS = 4


def disposals(
    preferences: Preferences | None,
    message: CpmMessage,
    *,
    available: bool,
    now: int,
    devices: Sequence[Device],
) -> tuple[Disposal, ...]:
    """What may become of a message that comes for a user (5.4 A)."""
    if preferences is None:
        return WHEN_AVAILABLE if available else (*WHEN_UNAVAILABLE, Disposal.REJECT)
    return preferences.disposal(message, available=available, now=now, devices=devices)


def invitations(preferences: Preferences | None) -> tuple[Disposal, ...]:
    """What may become of a session's invitation for a user who is unavailable (5.4 D 2)."""
    if preferences is None:
        return SESSION_WHEN_UNAVAILABLE
    return preferences.session_when_unavailable()


def expiries(
    preferences: Preferences | None, message: CpmMessage, extended: int, devices: Sequence[Device]
) -> tuple[Expiry, ...]:
    """What may become of a deferred message that expires (5.4 C, 5.2.2.2)."""
    if preferences is None:
        return WHEN_EXPIRED
    return preferences.when_expired(message, extended=extended, devices=devices)


def deliveries(
    preferences: Preferences | None, wanted: Sequence[Delivery], devices: Sequence[Device]
) -> tuple[Delivery, ...]:
    """Whether deferred messages are pushed or notified of (5.2.2.2, 5.4 F 1)."""
    allowed = tuple(wanted) if preferences is None else preferences.deliveries(devices)
    ordered = [option for option in wanted if option in allowed]
    return tuple(dict.fromkeys([*ordered, *allowed]))


def targets(
    preferences: Preferences | None, kind: Kind, devices: Sequence[Device]
) -> tuple[tuple[Device, ...], ...]:
    """To which devices something may go (5.4 F): all first, where nobody knows which."""
    if preferences is not None:
        return (preferences.targets(kind, devices),)
    everyone = tuple(devices)
    if len(everyone) > _MOST_SUBSETS:
        return everyone, *((device,) for device in everyone)
    sizes = range(len(everyone), 0, -1)
    found = [chosen for size in sizes for chosen in combinations(everyone, size)]
    return tuple(found) or ((),)
