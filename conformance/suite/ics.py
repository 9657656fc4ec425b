"""The supplier's statement (ICS, ISO/IEC 9646-7): which flows an implementation claims."""

from collections.abc import Iterable

from conformance.flow.errors import did_you_mean
from conformance.suite import toml_file
from conformance.suite.errors import ConformanceError


def read_ics(path: str, flows: Iterable[str]) -> tuple[str, ...]:
    """The flows that a TOML file's `[flows]` table answers with false: not applicable.

    A flow that the file does not mention is claimed.
    """
    known = list(flows)
    table = toml_file.read_toml(path)
    toml_file.only(table, ("supplier", "implementation", "flows"), path)
    claims = toml_file.subtable(table, "flows", path)
    for flow in claims:
        if flow not in known:
            raise ConformanceError(f"unknown flow '{flow}'{did_you_mean(flow, known)}", path)
    return tuple(flow for flow in claims if not toml_file.flag(claims, flow, path))
