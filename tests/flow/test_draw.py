import pytest

from conformance.flow.draw import mermaid, plantuml
from conformance.flow.library import load

MERMAID = """\
sequenceDiagram
    title Pager Mode Deferred Message pushing
    participant client as CPM Client A
    participant core as SIP/IP Core A
    participant pf as CPM Conversation Server A
    Note over client: 1. CPM Client A becomes available
    pf->>core: 2. MESSAGE
    core->>client: 3. MESSAGE
    client-->>core: 4. 200 (MESSAGE)
    core-->>pf: 5. 200 (MESSAGE)
"""
PLANTUML = """\
@startuml
title Pager Mode Deferred Message pushing
participant "CPM Client A" as client
participant "SIP/IP Core A" as core
participant "CPM Conversation Server A" as pf
note over client : 1. CPM Client A becomes available
pf->core: 2. MESSAGE
core->client: 3. MESSAGE
client-->core: 4. 200 (MESSAGE)
core-->pf: 5. 200 (MESSAGE)
@enduml
"""


def test_a_small_figure() -> None:
    assert mermaid(load().flow("push-pager")) == MERMAID
    assert plantuml(load().flow("push-pager")) == PLANTUML


@pytest.mark.parametrize("name", sorted(load().flows))
def test_every_hop_has_its_arrow_and_every_block_its_end(name: str) -> None:
    program = load().flow(name)
    for drawn, arrow in ((mermaid(program), ">>"), (plantuml(program), "->")):
        lines = [line.split() for line in drawn.split("\n") if line.strip()]
        assert sum(arrow in words[0] for words in lines) == len(program.hops)
        opened = sum(words[0] in ("opt", "alt", "par") for words in lines)
        assert opened == sum(words == ["end"] for words in lines) == len(program.blocks)
        for hop in program.hops:
            assert f": {hop.number}. " in drawn
