"""The reference roles made ready for a replay, by the role that they take the place of."""

from collections.abc import Callable, Sequence

from conformance.cpm.role import Role
from conformance.oracle.client_party import ClientParty
from conformance.oracle.explore import Scripted
from conformance.oracle.gateway_party import GatewayParty
from conformance.oracle.pf_party import PfParty
from conformance.oracle.replay import Party
from conformance.oracle.view import Item
from conformance.reference.preferences.profiles import Preferences

Making = Callable[[Scripted], Party]
"""Makes a fresh party for one replay."""


def maker(role: Role, items: Sequence[Item], preferences: Preferences | None) -> Making:
    """What makes the party of a role from its items; `preferences` None leaves all open."""
    if role is Role.PF:
        return lambda decisions: PfParty(items, preferences, decisions)
    if role is Role.IWF:
        return lambda decisions: GatewayParty(items, preferences, decisions)
    return lambda decisions: ClientParty(items, decisions)
