"""The stories of the flows in the default world, recorded and judged."""

import shutil
import subprocess
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.topology import RoleRule
from conformance.observation.trace import Observation
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.rules import Disposal
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World
from conformance.sip.message import SipRequest
from conformance.suite.recording import trace, write
from conformance.verifier.verdict import Verdict
from tests.reference.world.stories import STORIES
from tests.verifying import Judged, said, verify

LOSSY = Conditions(
    low=2 * MILLISECOND,
    high=25 * MILLISECOND,
    loss=0.05,
    duplication=0.03,
    reordering=0.03,
)

SETTINGS = {
    "simple": WorldSetting(),
    "three-nodes": WorldSetting(core_nodes=3, challenge=True),
    "ipv6-tcp": WorldSetting(ipv6=True, transport=Transport.TCP),
    "lossy": WorldSetting(conditions=LOSSY, seed="2"),
}


def told(flow: str, setting: WorldSetting, **others) -> World:
    story = STORIES[flow]
    return story.happen(story.world(setting, **others))


def judged(world: World) -> Judged:
    rules = [RoleRule(role, host) for host, role in world.hosts.items()]
    return verify(trace(world.simulation.passed), rules=rules)


def recorded(world: World, flow: str) -> bytes:
    file = BytesIO()
    write(file, world.simulation.passed, label=world.labels(flow))
    return file.getvalue()


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("flow", STORIES)
def test_a_story_conforms_to_its_flow(flow, name):
    # when
    found = judged(told(flow, SETTINGS[name]))
    # then
    results = found.of(flow)
    assert results, said(found)
    assert {result.verdict for result in results} == {Verdict.PASS}, "\n".join(said(found))


@pytest.mark.parametrize("leg", ["smpp", "plain"])
@pytest.mark.parametrize("flow", ["interwork-in", "interwork-out"])
def test_messages_are_interworked_over_every_leg(flow, leg):
    # when
    found = judged(told(flow, WorldSetting(sms_leg=leg)))
    # then
    assert found.verdict is Verdict.PASS, "\n".join(said(found))


@pytest.mark.parametrize("leg", ["rp", "centre", "smpp", "plain"])
def test_over_every_leg_texts_arrive_both_ways(leg):
    # given
    world = told("interwork-out", WorldSetting(sms_leg=leg))
    # when
    world.noncpm.send("tel:+15550100", "Who is this?")
    world.simulation.run(until=world.simulation.now + 60 * SECOND)
    # then
    assert [message.text for message in world.noncpm.received] == ["See you at eight."]
    assert [message.text for message in world.client.received] == ["Who is this?"]


@pytest.mark.parametrize("xdms", ["embedded", "xcap"])
def test_preferences_are_asked_for_and_bind(xdms):
    # given
    wish = Preferences.of(Profile(when_unavailable=(Disposal.DISCARD,)))
    # when
    world = told("push", WorldSetting(xdms=xdms, preferences=wish))
    # then
    notes = {note.note.what for note in world.simulation.notes}
    assert "discarded" in notes
    assert "deferred" not in notes
    asked = {passed.receiver for passed in world.simulation.passed}
    assert ("xdms" in asked) == (xdms == "xcap")


def test_the_same_seed_tells_the_same_story_and_another_another():
    # when
    files = [recorded(told("pull", WorldSetting(seed=seed)), "pull") for seed in "778"]
    # then
    assert files[0] == files[1]
    assert files[0] != files[2]


def test_frames_say_which_step_they_are():
    # when
    file = recorded(told("push", WorldSetting()), "push")
    # then
    for step in ("2", "3", "4", "5", "6"):
        assert f"push step {step}: ".encode() in file


def test_a_device_may_be_of_another_class():
    # given
    class Busy(CpmClient):
        def answer_message(self, request, message):
            return 486

    # when
    world = told("push-pager", WorldSetting(), classes={"client": Busy})
    # then
    statuses = {
        item.message.status
        for item in trace(world.simulation.passed)
        if isinstance(item, Observation)
        and item.source.host == world.setting.host("client")
        and not isinstance(item.message, SipRequest)
    }
    assert 486 in statuses


def test_what_leaves_a_party_may_be_tampered_with():
    # given
    def withheld(octets: bytes, towards: Endpoint) -> bytes | None:
        is_answer = octets.startswith(b"SIP/2.0 200 ") and b" MESSAGE\r\n" in octets
        return None if is_answer and towards.host == "10.0.3.1" else octets

    story = STORIES["push-pager"]
    world = story.world(WorldSetting(), tampers={"core": withheld})
    # The capture must show that time went on.
    world.simulation.after(200 * SECOND, world.client.deregister)
    # when
    found = judged(story.happen(world))
    # then
    failed = [one for one in found.of("push-pager") if one.verdict is Verdict.FAIL]
    assert failed, "\n".join(said(found))
    assert {finding.role_at_fault for finding in failed[0].findings} == {Role.CORE}


@pytest.mark.parametrize("nodes", [1, 3])
def test_a_core_is_tampered_with_at_every_node(nodes):
    # given
    hosts = set()

    def watch(octets: bytes, towards: Endpoint) -> bytes:
        hosts.add(towards.host)
        return octets

    # when
    world = told("push", WorldSetting(core_nodes=nodes), tampers={"core": watch})
    # then
    assert {world.setting.host("client"), world.setting.host("pf")} <= hosts


def test_a_party_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="no party 'nobody'"):
        World(tampers={"nobody": lambda octets, towards: octets})
    with pytest.raises(ValueError, match="no party 'nobody'"):
        World(classes={"nobody": CpmClient})


def test_everybody_has_a_place_and_a_role():
    # when
    world = World(WorldSetting(devices=2, core_nodes=3))
    # then
    roles = world.hosts
    assert roles["10.0.1.2"] is Role.CORE
    assert roles["10.0.2.21"] is Role.CLIENT
    assert roles["10.0.9.1"] is Role.REMOTE
    assert len(roles) == 9
    assert len(world.devices) == 2
    world.close()


def test_what_is_deferred_outlives_its_world(tmp_path):
    # given
    path = str(tmp_path / "queue.sqlite")
    first = STORIES["push"].world(WorldSetting(queue_path=path))
    first.remote.send_pager("sip:+15550100@home-a.example", "Still there?")
    first.simulation.run(until=first.setting.begin + MILLISECOND * 1_000)
    first.close()
    # when
    second = World(WorldSetting(queue_path=path, begin=first.simulation.now, seed="2"))
    second.client.register()
    second.simulation.run(until=first.simulation.now + 60_000 * MILLISECOND)
    # then
    notes = [note.note.what for note in second.simulation.notes if note.party == "client"]
    assert "received" in notes
    second.close()


@settings(max_examples=40)
@given(
    flow=st.sampled_from(sorted(STORIES)),
    loss=st.floats(0, 0.3),
    duplication=st.floats(0, 0.2),
    reordering=st.floats(0, 0.2),
    high=st.integers(2, 200),
    transport=st.sampled_from([Transport.UDP, Transport.TCP]),
    nodes=st.sampled_from([1, 3]),
    seed=st.integers(0, 1 << 16),
)
def test_law_every_story_ends_and_invents_nothing(
    flow, loss, duplication, reordering, high, transport, nodes, seed
):
    # given
    conditions = Conditions(
        low=2 * MILLISECOND,
        high=high * MILLISECOND,
        loss=loss,
        duplication=duplication,
        reordering=reordering,
        delay=400 * MILLISECOND,
    )
    setting = WorldSetting(
        conditions=conditions, transport=transport, core_nodes=nodes, seed=str(seed)
    )
    # when
    world = told(flow, setting)
    # then
    sent = {note.note.details for note in world.simulation.notes if note.note.what == "deferred"}
    received = [message.message_id for message in world.client.received]
    assert len(received) == len(set(received))
    if sent and flow != "chat-deferred":
        assert len(received) <= len(sent)
    found = trace(world.simulation.passed)
    assert found.health.malformed == 0


@pytest.mark.tshark
@pytest.mark.parametrize("flow", ["push-large", "pull", "interwork-out"])
def test_wireshark_warns_of_nothing(tmp_path, flow):
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    # given
    path = tmp_path / "story.pcapng"
    setting = replace(SETTINGS["three-nodes"], client=ClientSettings(rings=True))
    path.write_bytes(recorded(told(flow, setting), flow))
    # when
    command = ["tshark", "-r", str(path), "-q", "-z", "expert,warn"]
    command += ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # then
    assert found.strip() == ""


@pytest.mark.parametrize("kept", ["memory", "file"])
def test_a_queue_outlives_its_participating_function(tmp_path, kept):
    # given
    path = ":memory:" if kept == "memory" else str(tmp_path / "queue.sqlite")
    story = STORIES["push"]
    world = story.world(WorldSetting(queue_path=path))
    before = world.pf
    world.simulation.after(40 * SECOND, world.restart_pf)
    # when
    story.happen(world)
    # then
    assert world.pf is not before
    assert len(world.client.received) == 3
    assert judged(world).verdict is Verdict.PASS
    world.close()
