"""The REGISTER that tells the participating function who is available (TS 24.229 5.4.1.7)."""

from dataclasses import replace

from tests.reference.core.world import ALICE, CORE, PF, SETTING, World


def test_it_names_the_user_and_comes_from_the_core():
    world = World()
    world.register(world.phone)
    (told,) = world.pf.got
    assert told.uri == f"sip:{PF}:5060"
    assert told.header("From").startswith(f"<sip:{CORE}:5060>;tag=")
    assert (told.header("To"), told.header("Contact")) == (f"<{ALICE}>", f"<sip:{CORE}:5060>")


def test_a_users_registers_are_one_sequence_until_the_user_is_gone():
    world = World()
    for expires in ("3600", "3600", "0", "3600"):
        world.register(world.phone, expires)
    calls = [(told.call_id, told.cseq) for told in world.pf.got]
    assert [cseq for _, cseq in calls] == [1, 2, 3, 1]
    assert calls[0][0] == calls[2][0] != calls[3][0]
    assert [told.header("Expires") for told in world.pf.got] == ["3600", "3600", "0", "3600"]


def test_the_clients_own_register_can_be_left_out():
    world = World(replace(SETTING, tells_whole=False))
    world.register(world.phone)
    assert world.pf.got[0].header("Content-Type") is None
    assert not world.pf.got[0].body


def test_a_refusal_or_silence_is_noted_and_the_registration_stands():
    world = World()
    world.pf.refuse(403)
    assert world.register(world.phone).final.status == 200
    world.wire.stations.remove(world.pf.station)
    world.register(world.tablet)
    world.run(40)
    statuses = [note["status"] for note in world.wire.noted("third-party-refused")]
    assert statuses[0] == "403"
    assert len(statuses) == 2
    assert len(world.core.registrar.location.bindings(SETTING.subscribers[0])) == 2
