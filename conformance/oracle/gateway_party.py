"""The reference interworking function in the place of a real one.

It is compared in what its user's preferences decide: to which of the other services that it has
a message is handed (System Description 5.4). Which it has, is read off what passed over them.
"""

from collections.abc import Sequence

from conformance.body import sms
from conformance.observation.content import Content
from conformance.observation.packet import Endpoint
from conformance.oracle.bench import Bench
from conformance.oracle.explore import Scripted
from conformance.oracle.surroundings import (
    directory_of,
    domain_of,
    end_transport,
    own_endpoint,
    requests,
    services_of,
)
from conformance.oracle.view import Item
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.interworking.function import InterworkingFunction
from conformance.reference.interworking.selection import InterworkingSelection
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.interworking.site import CENTRE, PLAIN, TELEPHONE, Site, legs_of
from conformance.reference.legs.leg import Leg
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.preferences.source import (
    EmbeddedPreferences,
    PreferencesSource,
    UnknownPreferences,
)
from conformance.reference.transactions.transaction import Transactions
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.incoming import Identity
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipRequest

SHORT_MESSAGES = "sms"
"""The name that preferences have for short messages, whatever carries them."""

TEXT = "im"
"""The name of plain text in SIP, where preferences have no other."""

_OTHERS = frozenset({SHORT_MESSAGES, "mms"})


class GatewayParty:
    """An interworking function that is replayed: nobody gives it commands."""

    def __init__(
        self, items: Sequence[Item], preferences: Preferences | None, decisions: Scripted
    ) -> None:
        sip = own_endpoint(items)
        core = core_of(items)
        directory = directory_of(items)
        self.station = Station(sip.host, Chance("oracle/gateway"))
        self.bench = Bench([self.station], items[0].time)
        transport = SipTransport(self.station, sip, directory, preferred=end_transport(items))
        identity = Identity(f"sip:{sip.host}", f"sip:iwf@{sip}")
        agent = UserAgent(self.station, Transactions(transport), identity, directory=directory)
        self.gateway = InterworkingFunction(
            self.station,
            agent,
            legs(self.station, agent, items, text_name(preferences)),
            IwfSettings(home=home_of(items), core=f"sip:{core}"),
            decisions=decisions,
            selection=InterworkingSelection(_source(preferences), decisions),
        )

    def foresee(self, item: Item, rest: Sequence[Item]) -> None:
        """A gateway needs to know nothing beforehand."""

    def explain(self, item: Item) -> bool:
        """What it sends follows from what came, or from what nobody compares."""
        return False


def core_of(items: Sequence[Item]) -> Endpoint:
    """Where CPM Messages come from; without any, where most comes from."""
    came = requests(items, incoming=True)
    for item, message in came:
        if services_of(message):
            return item.remote
    return items[0].remote


def home_of(items: Sequence[Item]) -> str:
    """The domain of the CPM Users, as the senders of messages name it."""
    for _, message in requests(items, incoming=True):
        domain = domain_of(message.header("P-Asserted-Identity") or message.header("From") or "")
        if services_of(message) and domain:
            return domain
    return "example.invalid"


def legs(station: Station, agent: UserAgent, items: Sequence[Item], text: str) -> dict[str, Leg]:
    """The services that were seen in use in either direction, each by its name."""
    forms: dict[str, tuple[str, Endpoint]] = {}
    for incoming in (True, False):
        for item, message in requests(items, incoming=incoming):
            form = form_of(message, incoming=incoming)
            if form:
                name = text if form == PLAIN else SHORT_MESSAGES
                forms.setdefault(name, (form, item.remote))
    return {
        name: legs_of(station, agent, Site(peer, is_gateway=True), (form,))[form]
        for name, (form, peer) in forms.items()
    }


def form_of(message: SipRequest, *, incoming: bool) -> str:
    """The form of another service that a MESSAGE is in; "" for one of CPM's."""
    if message.method != "MESSAGE":
        return ""
    carried = Content(message).sms
    if isinstance(carried, sms.RpData):
        # A gateway that takes what goes to the network is the network, for a telephone.
        return TELEPHONE if carried.to_network == incoming else CENTRE
    is_text = message.content_type == "text/plain" and not services_of(message)
    return PLAIN if is_text else ""


def text_name(preferences: Preferences | None) -> str:
    """What preferences call plain text in SIP: what is no short message to them."""
    profiles = () if preferences is None else preferences.profiles
    named = [name for profile in profiles for name in profile.noncpm_services]
    return next((name for name in named if name.lower() not in _OTHERS), TEXT)


def _source(preferences: Preferences | None) -> PreferencesSource:
    return UnknownPreferences() if preferences is None else EmbeddedPreferences({}, preferences)
