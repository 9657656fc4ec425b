"""Deferred CPM Message Pushing (System Description C.3.3.1)."""

from typing import Any

from tests.ladder import Expect, Ladder
from tests.scenarios.parties import Setting
from tests.scenarios.push_large import (
    LONG,
    session_breaks,
    session_build,
    session_inconclusive,
    session_variants,
)
from tests.scenarios.pushing import Pushing
from tests.scenarios.variations import broken, conforming, make

FLOW = "push"


def build(setting: Setting | None = None, *, service: str = "deferred", **options: Any) -> Ladder:
    """Three deferred messages in one session; options are those of `Pushing`."""
    return session_build(
        FLOW, service, setting, base=Pushing(service, count=3, repeat=1), **options
    )


VARIANTS = {
    **session_variants(build),
    **conforming("deferral-shown", build, deferral=True),
    **conforming("one-message", build, count=1),
    **conforming("many-messages", build, count=25),
    **conforming("large-messages", build, repeat=LONG),
}

BREAKS = {
    **session_breaks(FLOW, build, "SD-5.2.1.1.2-teardown"),
    **broken(
        "ended-inside-a-message", build, "SD-5.2.1.1.2-teardown", "pf", repeat=LONG, stop_after=1
    ),
    **broken("nothing-delivered", build, "SD-5.2.1.1.2-session", "pf", send_nothing=True),
}

INCONCLUSIVE = session_inconclusive(build, VARIANTS)

UNIDENTIFIED = {
    "silent-at-2": (
        make("silent-at-2", build, Expect("none"), setting=Setting(silent="2")),
        Expect("none"),
    )
}
