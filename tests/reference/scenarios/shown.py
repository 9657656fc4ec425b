"""What a scenario shows: its run, and the messages in the order of time."""

from functools import cache

from conformance.msrp.message import MsrpRequest
from conformance.observation.trace import Observation
from conformance.reference.scenarios.catalogue import scenario
from conformance.reference.scenarios.scenario import Played, play
from conformance.sip.message import SipRequest, SipResponse
from conformance.suite.simulation import trace_of


@cache
def played(flow: str, name: str) -> Played:
    """The run of a scenario, once."""
    return play(scenario(flow, name))


@cache
def observations(flow: str, name: str) -> tuple[Observation, ...]:
    """What its capture shows."""
    items = trace_of(played(flow, name)).items
    return tuple([item for item in items if isinstance(item, Observation)])


def requests(flow: str, name: str, method: str, sender: str) -> list[SipRequest]:
    """The requests of a method that a party sent, repeated ones too."""
    return [
        one.message
        for one in observations(flow, name)
        if isinstance(one.message, SipRequest)
        and one.message.method == method
        and one.source.host == host(flow, name, sender)
    ]


def answers(flow: str, name: str, method: str, sender: str) -> list[SipResponse]:
    """The final responses to a method that a party sent, repeated ones too."""
    return [
        one.message
        for one in observations(flow, name)
        if isinstance(one.message, SipResponse)
        and one.message.cseq_method == method
        and one.message.status >= 200
        and one.source.host == host(flow, name, sender)
    ]


def content(flow: str, name: str, sender: str) -> list[MsrpRequest]:
    """The SENDs with content of a party, each chunk."""
    return [
        one.message
        for one in observations(flow, name)
        if isinstance(one.message, MsrpRequest)
        and one.message.method == "SEND"
        and one.message.body
        and one.source.host == host(flow, name, sender)
    ]


def times(flow: str, name: str, start: str, sender: str, method: str = "") -> list[int]:
    """When a party sent messages whose start line begins so, to a method if one is given."""
    own = host(flow, name, sender)
    return [
        one.time
        for one in observations(flow, name)
        if isinstance(one.message, SipRequest | SipResponse)
        and one.source.host == own
        and one.message.start_line.startswith(start)
        and method in ("", one.message.cseq_method)
    ]


def notes(flow: str, name: str, what: str, party: str) -> list[dict[str, str]]:
    """What a party said of itself."""
    return [
        dict(noted.note.details)
        for noted in played(flow, name).world.simulation.notes
        if noted.party == party and noted.note.what == what
    ]


def host(flow: str, name: str, party: str) -> str:
    """The address of a party."""
    return scenario(flow, name).setting.host(party)
