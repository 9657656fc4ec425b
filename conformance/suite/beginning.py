"""Dialogs that had begun before a capture did: told with its health, not held against anybody."""

from collections.abc import Iterator

from conformance.observation.trace import CaptureHealth, Gap, GapReason, Observation, Shown
from conformance.sip.message import SipRequest, SipResponse

# As a tuple: a union would be made anew for each message.
_SIP = (SipRequest, SipResponse)
_MOST = 4_096
"""Call-IDs by which the beginning of a capture is told from the rest."""


def watched_beginning(items: Iterator[Shown], health: CaptureHealth) -> Iterator[Shown]:
    """The same items; a remark in the health where dialogs were seen whose beginning was not.

    A request with a tag in To, or a response, is the first that is seen of its Call-ID. Only the
    first Call-IDs are looked at: what begins so late is missing for another reason.
    """
    known: set[str] = set()
    begun = 0
    first: Observation | None = None
    for item in items:
        yield item
        if not isinstance(item, Observation):
            continue
        message = item.message
        if isinstance(message, _SIP) and message.call_id not in known:
            known.add(message.call_id)
            if isinstance(message, SipResponse) or message.to_tag:
                begun += 1
                first = first or item
            if len(known) >= _MOST:
                break
    yield from items
    if first is not None:
        _remark(health, begun, first)


def _remark(health: CaptureHealth, begun: int, first: Observation) -> None:
    which = "a dialog" if begun == 1 else f"{begun} dialogs or transactions"
    where = f"{which} had begun before the capture did: start it earlier"
    frame = max(first.frames[-1] - 1, 0)
    gap = Gap(frame, first.time, first.capture, where, GapReason.MID_DIALOG)
    health.gaps.insert(0, gap)


def without_beginning(health: CaptureHealth) -> None:
    """Take the remark back: the capture continues another one."""
    health.gaps[:] = [gap for gap in health.gaps if gap.reason is not GapReason.MID_DIALOG]
