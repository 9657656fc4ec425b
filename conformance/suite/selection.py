"""What of a run is shown: flows by id, instances by user, Call-ID and time."""

from collections.abc import Iterable, Mapping

from conformance.flow.errors import did_you_mean
from conformance.flow.program import Program
from conformance.report.instant import to_text
from conformance.suite.errors import ConformanceError
from conformance.suite.setting import Setting
from conformance.verifier.verdict import InstanceResult


def choose(flows: Mapping[str, Program], setting: Setting) -> tuple[Program, ...]:
    """The flows to judge: those named, else all; without those that the ICS does not claim."""
    check_known(flows, setting.flow, "--flow")
    check_known(flows, setting.expect, "--expect")
    check_known(flows, setting.explain, "--explain")
    wanted = set(setting.flow) or set(flows)
    if setting.flow:
        # What is expected or to be explained must be looked for, or it would always be absent.
        wanted |= {*setting.expect, *setting.explain}
    return tuple(
        program for id_, program in flows.items() if id_ in wanted and id_ not in setting.unclaimed
    )


def check_known(flows: Iterable[str], ids: Iterable[str], place: str) -> None:
    """Refuse an id that is no flow's."""
    known = list(flows)
    for id_ in ids:
        if id_ not in known:
            hint = did_you_mean(id_, known) or f": there are {', '.join(known)}"
            raise ConformanceError(f"unknown flow '{id_}'{hint}", place)


def keeps(instance: InstanceResult, setting: Setting) -> bool:
    """Whether an instance is within what was asked for.

    A time window keeps what overlaps it: an instance is judged on all of its messages.
    """
    if setting.user and _address(setting.user) != _address(instance.user):
        return False
    if setting.call_id and setting.call_id not in instance.call_ids:
        return False
    if setting.begin is not None and instance.last_time < setting.begin:
        return False
    return setting.end is None or instance.first_time <= setting.end


def _address(uri: str) -> str:
    """A SIP or tel URI without scheme, parameters and port, for comparison."""
    bare = uri.strip().strip("<>").partition(";")[0]
    scheme, colon, rest = bare.partition(":")
    if colon and scheme.lower() in ("sip", "sips", "tel"):
        bare = rest
    user, at, host = bare.rpartition("@")
    return f"{user}{at}{host.partition(':')[0].lower()}"


def described(setting: Setting) -> tuple[str, ...]:
    """The selection in words, for the report."""
    words = []
    if setting.flow:
        words.append(f"flow {', '.join(setting.flow)}")
    if setting.user:
        words.append(f"user {setting.user}")
    if setting.call_id:
        words.append(f"Call-ID {setting.call_id}")
    if setting.begin is not None:
        words.append(f"from {to_text(setting.begin)}")
    if setting.end is not None:
        words.append(f"to {to_text(setting.end)}")
    return tuple(words)
