"""The roles of OMA CPM as the appendix figures name them (design names: fixed)."""

from enum import StrEnum


class Role(StrEnum):
    """A functional entity of the OMA CPM architecture."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    CLIENT = "client"
    CORE = "core"
    PF = "pf"
    ISF = "isf"
    IWF = "iwf"
    NONCPM = "noncpm"
    REMOTE = "remote"
    CORE_B = "core-b"
    PF_B = "pf-b"
    CLIENT_B = "client-b"


ALIASES = {"server": Role.PF}
"""Other names by which users give a role; `server` is the older texts' name of `pf`."""
