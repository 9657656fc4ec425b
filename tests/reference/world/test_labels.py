"""Labels of steps, against the ladders that the tests have labelled by hand."""

import pytest

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Observation
from conformance.reference.world.labels import FLOWS, Labels
from conformance.wire.malformed import Malformed
from tests.ladder import Ladder, parse
from tests.scenarios import catalogue

CHOSEN = {
    "base",
    "declined-480",
    "deferral-shown",
    "ipv6",
    "notified",
    "refreshed-by-reinvite",
    "three-core-nodes",
    "two-messages",
}


def labels_of(ladder: Ladder) -> Labels:
    hosts = {}
    for shot in ladder.shots:
        for endpoint, name in ((shot.source, shot.sender), (shot.destination, shot.receiver)):
            hosts[endpoint.host] = Role(name)
    return Labels(ladder.flow, hosts)


def chosen() -> list[tuple[str, str]]:
    return [pair for pair in catalogue.names("VARIANTS") if pair[1] in CHOSEN]


@pytest.mark.parametrize(("flow", "name"), chosen())
def test_steps_are_those_of_the_ladder(flow, name):
    # given
    ladder = catalogue.ladder("VARIANTS", flow, name)
    labels = labels_of(ladder)
    # when
    found = [
        labels.step(parse(shot), Role(shot.sender), Role(shot.receiver)) for shot in ladder.shots
    ]
    # then
    wanted = [shot.label for shot in ladder.shots]
    assert found == wanted, ladder.show()


def test_every_flow_has_labels():
    assert set(catalogue.FLOWS) == FLOWS
    with pytest.raises(KeyError):
        Labels("no-such-flow", {})


def test_a_step_is_told_by_its_flow_and_its_parties():
    # given
    ladder = catalogue.ladder("VARIANTS", "push", "base")
    labels = labels_of(ladder)
    # when
    comments = [
        labels(
            Observation(
                n, 0, shot.time, shot.transport, shot.source, shot.destination, parse(shot), (n,)
            )
        )
        for n, shot in enumerate(ladder.shots)
    ]
    # then
    assert comments[0] == "REGISTER: CPM Client A → SIP/IP Core A"
    assert comments[1] == "401 to REGISTER: SIP/IP Core A → CPM Client A"
    assert "push step 2: CPM Participating Function A → SIP/IP Core A" in comments
    assert "push step 6: CPM Participating Function A → CPM Client A" in comments
    assert "ACK: SIP/IP Core A → CPM Client A" in comments
    assert "MSRP SEND: CPM Client A → CPM Participating Function A" in comments
    assert "MSRP 200: CPM Client A → CPM Participating Function A" in comments


def test_what_cannot_be_read_is_said_to_be_so():
    # given
    end = Endpoint("10.0.9.9", 5060)
    broken = Malformed("SIP", b"???", 0, "no start line")
    # when
    comment = Labels("push", {})(Observation(1, 0, 0, Transport.UDP, end, end, broken, (1,)))
    # then
    assert comment == "malformed SIP: unknown → unknown"
