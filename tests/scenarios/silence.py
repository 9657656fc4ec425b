"""What passes because something did not: retransmissions, a proxy's 408, later traffic."""

from conformance.observation.packet import Endpoint, Transport
from tests.scenarios.agents import first_request
from tests.scenarios.channel import msrp_request, msrp_response
from tests.scenarios.legs import Exchange, Hop, Leg
from tests.scenarios.network import Network
from tests.scenarios.parties import SECOND, Node

LATER = 600 * SECOND
"""When the traffic past every deadline comes."""


def settle(net: Network) -> None:
    """Add to the network's shots what its timers make of unanswered messages."""
    for leg in list(net.legs):
        _resend(net, leg)
    for exchange in list(net.invites):
        _resend_acceptance(net, exchange)
        if net.is_hushed:
            _time_out(net, exchange)
    if net.is_hushed:
        keep_alive(net)


def _resend(net: Network, leg: Leg) -> None:
    if net.setting.transport is not Transport.UDP:
        return
    original = next(
        shot
        for shot in net.shots
        if (shot.time, shot.source, shot.destination) == (leg.sent, leg.source, leg.destination)
    )
    for time in leg.resend_times():
        if leg.heard is None or time < leg.heard:
            _again(net, time, leg.sender, leg.receiver, original.octets)


def _again(net: Network, time: int, sender: Node, receiver: Node, octets: bytes) -> None:
    net.emit(time, sender, receiver, octets, Hop(), net.ends(sender, receiver))


def _resend_acceptance(net: Network, exchange: Exchange) -> None:
    """The 2xx until its ACK comes, on any transport (RFC 3261 13.3.1.4)."""
    answer = exchange.sent_answer
    if answer is None or exchange.accepted is None or exchange.acked is not None:
        return
    if not answer.start.startswith("SIP/2.0 2"):
        return
    last = exchange.legs[-1]
    shots = [net.shots[i] for i in exchange.answer_shots]
    acks = [net.shots[i] for i in exchange.ack_shots]
    wait, time = last.t1, exchange.accepted + last.t1
    while time < exchange.accepted + 64 * last.t1:
        back = reversed(exchange.legs)
        for shot, leg in zip(shots, back, strict=False):
            passed = shot.time - shots[0].time
            _again(net, time + passed, leg.receiver, leg.sender, shot.octets)
        for shot, leg in zip(acks, exchange.legs, strict=False):
            passed = shot.time - shots[0].time
            _again(net, time + passed, leg.sender, leg.receiver, shot.octets)
        wait = min(2 * wait, last.t2)
        time += wait


def _time_out(net: Network, exchange: Exchange) -> None:
    """The proxy next to a silent callee answers 408 at timer B (RFC 3261 16.8)."""
    if exchange.answer is not None or len(exchange.legs) < 2:
        return
    last = exchange.legs[-1]
    if last.heard is not None or last.receiver is not exchange.path[-1]:
        return
    upstream = Exchange(exchange.path[: len(exchange.legs)], exchange.is_initial)
    upstream.legs = exchange.legs[:-1]
    net.now = last.sent + 64 * last.t1
    net.answer(upstream, 408, "Request Timeout")
    net.acknowledge_refusal(upstream)


def keep_alive(net: Network) -> None:
    """OPTIONS both ways on every link, long past every deadline; an MSRP exchange as well."""
    net.as_other()
    net.now = max(shot.time for shot in net.shots) + LATER
    for one, two in _links(net):
        for sender, receiver in ((one, two), (two, one)):
            ends = (f"sip:{sender.sent_by}", f"sip:{receiver.sent_by}")
            asked = first_request(net, "OPTIONS", [sender, receiver], ends[1], ends)
            net.answer(asked, 200, "OK", [("Accept", "application/sdp")])
    if net.channel_ends:
        _exchange_msrp(net, *net.channel_ends)
    net.as_flow()


def _links(net: Network) -> list[tuple[Node, Node]]:
    """Every link in use, and an interworking function's other side, used or not."""
    links = list(net.neighbours.values())
    if any(net.who.iwf in link for link in links):
        home = (net.who.iwf, net.who.core[-1])
        if not any(set(map(id, link)) == set(map(id, home)) for link in links):
            links.append(home)
    return links


def _exchange_msrp(net: Network, one: Endpoint, two: Endpoint) -> None:
    """An empty SEND and its answer each way, in a session set up long before."""
    nodes = {node.host: node for node in (net.who.client, net.who.second, net.who.pf)}
    source, destination = Endpoint(one.host, 61_000), Endpoint(two.host, 20_900)
    for here, there in ((source, destination), (destination, source)):
        paths = [f"msrp://{end}/{end.port}old;tcp" for end in (there, here)]
        tid = net.token(10)
        request = msrp_request(tid, paths, net.token(12), b"", "")
        ends = (here, there, Transport.TCP)
        back = (there, here, Transport.TCP)
        sender, receiver = nodes[here.host], nodes[there.host]
        net.emit(net.now, sender, receiver, request, Hop(), ends)
        net.wait(net.latency(sender, receiver))
        net.emit(net.now, receiver, sender, msrp_response(tid, paths), Hop(), back)
        net.wait(net.latency(sender, receiver))
