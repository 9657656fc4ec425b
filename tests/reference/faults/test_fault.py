"""Faults planted in a world."""

import pytest

from conformance.observation.packet import Endpoint
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault, planted, world_with
from conformance.reference.world.setting import WorldSetting


class Other(CpmClient):
    """A client that is the same."""


def deaf(octets: bytes, towards: Endpoint) -> None:
    """Nothing leaves."""


def kept(octets: bytes, towards: Endpoint) -> bytes:
    """All leaves."""
    return octets


def test_a_class_takes_a_partys_place():
    world = world_with(WorldSetting(devices=2), [Fault("f", "second", Other)])
    assert [type(device) for device in world.devices] == [CpmClient, Other]
    world.close()


def test_what_leaves_a_party_is_changed():
    # given
    world = world_with(WorldSetting(), [Fault("f", "client", tamper=deaf)])
    # when
    world.simulation.after(SECOND, world.client.register)
    world.simulation.run(until=world.setting.begin + 5 * SECOND)
    # then
    assert not world.client.is_registered
    assert world.simulation.passed == []
    world.close()


def test_several_are_planted_at_once():
    faults = [Fault("a", "client", Other), Fault("b", "client", tamper=kept)]
    world = world_with(WorldSetting(), [*faults, Fault("c", "core", tamper=kept)])
    world.simulation.after(SECOND, world.client.register)
    world.simulation.run(until=world.setting.begin + 5 * SECOND)
    assert isinstance(world.client, Other)
    assert world.client.is_registered
    world.close()


@pytest.mark.parametrize(
    "pair",
    [
        (Fault("a", "client", Other), Fault("b", "client", Other)),
        (Fault("a", "core", tamper=kept), Fault("b", "core", tamper=deaf)),
        (Fault("a", "client", tamper=kept), Fault("b", "client", Other, deaf)),
    ],
)
def test_two_in_one_place_are_one_too_many(pair: tuple[Fault, Fault]):
    with pytest.raises(ValueError, match=f"two faults change {pair[0].party}: b"):
        world_with(WorldSetting(), pair)


def test_what_is_planted_is_told_by_party():
    classes, tampers = planted([Fault("a", "pf", Other, kept), Fault("b", "core", tamper=deaf)])
    assert classes == {"pf": Other}
    assert tampers == {"pf": kept, "core": deaf}


def test_a_party_there_is_not_has_no_faults():
    with pytest.raises(ValueError, match="nobody"):
        world_with(WorldSetting(), [Fault("f", "nobody", Other)])


def test_a_fault_of_both_kinds_is_planted_as_both():
    both = Fault("f", "client", Other, kept)
    world = world_with(WorldSetting(), [both])
    assert isinstance(world.client, Other)
    world.close()
