"""The CPM Interworking Function: CPM Messages out to other services, theirs in (Appendix Y)."""

from collections.abc import Mapping

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions
from conformance.reference.interworking.gateway import Remembered
from conformance.reference.interworking.large import LargeInterworking
from conformance.reference.interworking.selection import InterworkingSelection
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.legs.leg import Leg
from conformance.reference.legs.service_forms import taker_of
from conformance.reference.messaging.content import read
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.offer import MSRP_PORT
from conformance.reference.user_agents.incoming import Incoming
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.wire.malformed import Malformed


class InterworkingFunction(LargeInterworking):
    """The gateway between the SIP/IP Core and the non-CPM communication services.

    Notes: interworked, not interworked, passed on, notified, unknown notification, malformed;
    and of its legs: late, unacknowledged, unreported, unknown report, bound, unbound.
    """

    def __init__(
        self,
        station: Station,
        agent: UserAgent,
        legs: Mapping[str, Leg],
        settings: IwfSettings | None = None,
        *,
        decisions: Decisions | None = None,
        selection: InterworkingSelection | None = None,
        msrp: Endpoint | None = None,
    ) -> None:
        super().__init__(station, agent, legs, settings, decisions=decisions, selection=selection)
        self.awaiting = Remembered()
        self.arrivals = Remembered()
        self.conversations = Remembered()
        agent.handlers["MESSAGE"] = self.take
        self.sessions = {}
        self.link = MsrpLink(station, msrp or Endpoint(station.host, MSRP_PORT))
        agent.on_invite = self.take_session
        for leg in self.legs.values():
            leg.user = self

    def start(self) -> None:
        """Connect to the services that need a connection."""
        for leg in self.legs.values():
            leg.start()

    def take(self, incoming: Incoming) -> None:
        """A MESSAGE: of a service's own form, or from the CPM side."""
        taker = taker_of(incoming.request, self.legs.values())
        if taker is not None:
            taker(incoming)
        elif self.is_notification(incoming):
            return
        else:
            self.take_message(incoming)

    def is_notification(self, incoming: Incoming) -> bool:
        """Whether a MESSAGE was a notification of the CPM side, which is taken here then."""
        request = incoming.request
        content_type = request.header("Content-Type") or ""
        message = read(content_type, request.body, request, now=self.station.now)
        if isinstance(message, Malformed) or not message.is_notification:
            return False
        self.take_notification(incoming, message)
        return True
