"""Requests that RFC 3261 has a user agent refuse, whatever a flow prints as their answer."""

from conformance.observation.content import Content
from conformance.sip.check import faults
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.instance import Seen
from conformance.wire.malformed import Malformed


def why_refused(asked: Seen, refusal: Seen) -> str:
    """What of a request made this refusal of it right; "" for nothing."""
    request, answer = asked.observation.message, refusal.observation.message
    if not isinstance(request, SipRequest) or not isinstance(answer, SipResponse):
        return ""
    return _why(request, answer)


def _why(request: SipRequest, answer: SipResponse) -> str:
    match answer.status:
        case 400 if broken := faults(request):  # section 21.4.1
            return f"is malformed ({broken[0].rule})"
        case 400 if _has_broken_body(request):
            return "has a body that cannot be read"
        case 415 if _is_encoded(request):  # section 8.2.3
            return f"is encoded as {request.header('Content-Encoding')}"
        case 420 if _requires(request, answer):  # sections 8.2.2.3 and 16.3
            return "requires an extension"
        case 483 if (request.header("Max-Forwards") or "70").strip("0") == "":  # section 16.3
            return "has no hop left"
        case _:
            return ""


def _has_broken_body(request: SipRequest) -> bool:
    content = Content(request)
    return any(isinstance(one, Malformed) for one in (content.sdp, content.cpim, *content.imdns))


def _is_encoded(request: SipRequest) -> bool:
    return (request.header("Content-Encoding") or "identity").lower() != "identity"


def _requires(request: SipRequest, answer: SipResponse) -> bool:
    """Whether it requires something, and among it what the answer calls unsupported."""
    wanted = {tag.lower() for name in _REQUIRED for tag in request.headers(name)}
    lacking = {tag.lower() for tag in answer.headers("Unsupported")}
    return bool(wanted & lacking if lacking else wanted)


_REQUIRED = ("Require", "Proxy-Require")
