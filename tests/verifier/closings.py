"""Traces in which a reader shows who closed the connection of a session."""

from conformance.observation.trace import Closing, Observation, Trace
from tests.ladder import Ladder


def closed(ladder: Ladder, *closings: tuple[str, int], reset: bool = False) -> Trace:
    """What a reader shows of it: the session's connection closed by a party, ns after the BYE.

    `peer` is whoever did not send the BYE, `own` who did.
    """
    bye = next(shot for shot in ladder.shots if shot.octets.startswith(b"BYE "))
    way = next(shot for shot in ladder.shots if shot.is_msrp)
    own = {bye.sender, bye.source.host}
    trace = ladder.trace()
    for who, after in closings:
        is_own = own & {way.sender, way.source.host}
        ends = (way.source, way.destination)
        source, destination = ends if bool(is_own) is (who == "own") else ends[::-1]
        frame = _last_frame(trace, bye.time + after)
        trace.items.append(Closing(frame, bye.time + after, 0, source, destination, reset))
    trace.items.sort(key=lambda one: one.time)
    return trace


def _last_frame(trace: Trace, time: int) -> int:
    seen = [one for one in trace if isinstance(one, Observation) and one.time <= time]
    return seen[-1].frames[-1] + 1
