"""How test cases with something wrong in them are made of a flow's plain scenario."""

from collections.abc import Callable
from dataclasses import replace

from conformance.observation.packet import Endpoint
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import drop, request
from conformance.reference.network.tampering import Tamper
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.world import World
from conformance.sip.frames import looks_like_sip
from conformance.suite.case import Case

_GARBAGE = b"\x00\xff garbage \r\n\r\n", b"MESSAGE\r\n", b"SIP/2.0 999 x\r\nVia: y\r\n\r\n"


def base(flow: str) -> Scenario:
    """The plain scenario of a flow."""
    return catalogue.scenarios(flow)[0]


def said_by(party: str, fault: str, tamper: Tamper) -> Fault:
    """What a party of ours does to what it sends."""
    return Fault(fault, party, tamper=tamper)


def twice(method: str) -> Tamper:
    """Each such request comes twice, as if it had been sent again."""
    which = drop(request(method))

    def tamper(octets: bytes, towards: Endpoint) -> list[bytes]:
        return [octets, octets] if which(octets, towards) is None else [octets]

    return tamper


def after_garbage(octets: bytes, towards: Endpoint) -> list[bytes]:
    """Before each request comes what is none."""
    if not looks_like_sip(octets) or octets.startswith(b"SIP/"):
        return [octets]
    return [*_GARBAGE, octets]


def case_of(
    sut: str,
    flow: str,
    name: str,
    shows: str,
    *faults: Fault,
    script: Callable[[World], None] | None = None,
    ends_early: bool = False,
    patience: int = 0,
    **setting: object,
) -> Case:
    """A case of a flow's plain scenario, with faults of ours, or otherwise in its setting."""
    plain = base(flow)
    changed = replace(plain.setting, **setting)  # type: ignore[arg-type]
    scenario = replace(
        plain,
        name=name,
        shows=shows,
        script=script or plain.script,
        setting=changed,
        faults=faults,
        lasts=400 * SECOND,
    )
    case = Case(sut, scenario, "inopportune", ends_early=ends_early)
    return replace(case, patience=patience) if patience else case
