"""The reference CPM Client in the place of a real one."""

from collections.abc import Sequence
from dataclasses import replace

from conformance.cpm.identity import uri_of
from conformance.observation.content import Content
from conformance.oracle.bench import Bench
from conformance.oracle.explore import Scripted
from conformance.oracle.surroundings import (
    PATIENT,
    contact_of_client,
    directory_of,
    domain_of,
    end_transport,
    entries_of,
    neighbour,
    own_endpoint,
    routes_of,
    services_of,
    user_of_client,
)
from conformance.oracle.view import Item
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.client.settings import DEFERRED_EVENT, ClientSettings
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.user_agents.incoming import Identity
from conformance.sip.message import SipRequest

_SETTINGS = ClientSettings(selects=False, display_after=0).undecided()
"""A client whose user has everything open, and decides about lists only when it is seen to."""


class ClientParty:
    """A CPM Client that is replayed: its user's commands are read off what the real one sent."""

    def __init__(self, items: Sequence[Item], decisions: Scripted) -> None:
        sip = own_endpoint(items)
        proxy = neighbour(items)
        contact, instance = contact_of_client(items)
        user = user_of_client(items)
        self.station = Station(sip.host, Chance("oracle/client"))
        self.bench = Bench([self.station], items[0].time)
        self.client = CpmClient(
            self.station,
            Identity(user, contact or f"sip:client@{sip}", instance=instance),
            directory_of(items),
            proxy=f"sip:{proxy}",
            home=domain_of(user) or "example.invalid",
            settings=_SETTINGS,
            decisions=decisions,
            sip=sip,
            timers=PATIENT,
        )
        self.client.transport.preferred = end_transport(items)
        if routes_of(items):
            self.client.agent.routes = routes_of(items)

    def foresee(self, item: Item, rest: Sequence[Item]) -> None:
        """A client needs to know nothing beforehand."""

    def explain(self, item: Item) -> bool:
        """What its user did to make it send this."""
        message = item.message
        if not isinstance(message, SipRequest):
            return False
        if message.to_tag is not None:
            return False
        match message.method:
            case "SUBSCRIBE":
                return self._subscribe(message)
            case "INVITE":
                return self._invite(message)
            case "MESSAGE":
                return self._write(message)
            case _:
                return False

    def _subscribe(self, message: SipRequest) -> bool:
        if not (message.header("Event") or "").startswith(DEFERRED_EVENT):
            return False
        self._address(message)
        self.client.subscribe_deferred()
        self.bench.command(self.station)
        return True

    def _address(self, message: SipRequest) -> None:
        """The service's address is the real client's configuration."""
        self.client.settings = replace(self.client.settings, deferred_uri=message.uri)

    def _invite(self, message: SipRequest) -> bool:
        actions = {one.identity: one.action or "" for one in entries_of(message)}
        if actions:
            self._address(message)
            self.client.select(actions)
        elif "oma.cpm.session" in services_of(message):
            conversation = message.header("Conversation-ID") or ""
            self.client.start_chat(uri_of(message.uri), conversation=conversation)
        else:
            return False
        self.bench.command(self.station)
        return True

    def _write(self, message: SipRequest) -> bool:
        content = Content(message)
        if content.imdns or content.sms is not None:
            # It is about a message that the capture does not show: nothing to compare with.
            return False
        conversation = message.header("Conversation-ID") or ""
        self.client.send_pager(uri_of(message.uri), "", conversation=conversation)
        self.bench.command(self.station)
        return True
