"""A client that differs in one small method is found out by the judge, and no other is."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from conformance.body.deferred_list import Entry
from conformance.observation.packet import Endpoint
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.client.inbound import DeferredChat
from conformance.reference.client.pull import PullSession
from conformance.reference.client.session import ClientSession
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage
from conformance.reference.pf.settings import PfSettings
from conformance.reference.preferences.profiles import Delivery
from conformance.reference.world.setting import ALICE, WorldSetting
from conformance.reference.world.world import World
from conformance.suite.recording import trace
from tests.verifying import Judged, verify

ASKS = ("positive-delivery", "display")
PULLS = WorldSetting(
    pf=PfSettings(deliveries=(Delivery.NOTIFICATION,)), client=ClientSettings(subscribes=True)
)


def pull(client: type[CpmClient], setting: WorldSetting = PULLS) -> Judged:
    """Two messages wait; the client subscribes, and has them handled."""
    world = World(setting, classes={"client": client})
    for number in range(2):
        world.simulation.after(SECOND, lambda n=number: world.remote.send_pager(ALICE, f"No. {n}"))
    return judged(world, lambda: None)


def chat(client: type[CpmClient]) -> Judged:
    """A chat message waits; the client takes it, and its user replies."""
    world = World(classes={"client": client})
    world.simulation.after(SECOND, lambda: world.remote.start_chat(ALICE, "Late?", wants=ASKS))

    def reply() -> None:
        for message in world.client.received:
            world.client.reply(message, "On my way.")

    return judged(world, reply)


def judged(world: World, reply: Callable[[], None]) -> Judged:
    simulation = world.simulation
    simulation.after(3_600 * SECOND, world.client.register)
    simulation.after(3_620 * SECOND, reply)
    # A pager long after all shows that the capture went on.
    simulation.after(4_200 * SECOND, lambda: world.client.send_pager(ALICE, "Note to self"))
    simulation.run(until=world.setting.begin + 4_300 * SECOND)
    world.close()
    return verify(trace(simulation.passed))


def rules_broken(found: Judged, flow: str) -> set[str]:
    return {
        finding.requirement
        for one in found.of(flow)
        for finding in one.findings
        if finding.verdict.name == "FAIL"
    }


class _Impatient(PullSession):
    def delivered(self, message_id: str) -> None:
        super().delivered(message_id)
        self.hang_up()


class EndsTooEarly(CpmClient):
    """It tears the session down with the first message."""

    pull_class = _Impatient


class NeverEnds(CpmClient):
    """It does not tear the session down."""

    def finish_pull(self, pull: PullSession) -> None:
        self.note("forgotten")


class NamesNoAction(CpmClient):
    """It names messages, and not what is to be done with them."""

    def write_actions(self, actions: Sequence[Entry]) -> bytes:
        return super().write_actions([Entry(entry.identity) for entry in actions])


class NamesOthers(CpmClient):
    """It names a message that was never listed."""

    def write_actions(self, actions: Sequence[Entry]) -> bytes:
        return super().write_actions([*actions, Entry("another", "discard")])


class Declines(CpmClient):
    """It declines deferred chat with another code than 480."""

    def answer_session(self, reception: object) -> int:
        return 603


class NotifiesInSession(CpmClient):
    """It sends notifications over MSRP."""

    def notify(
        self, message: CpmMessage, status: str, kind: str, session: ClientSession | None = None
    ) -> None:
        if session is not None:
            session.msrp.send(self.compose_notification(message, status, kind), CPIM_TYPE)


class RepliesInSession(CpmClient):
    """Its user's reply goes over the session that delivered the message."""

    def keep(self, message: CpmMessage, session: ClientSession | None = None) -> None:
        super().keep(message, session)
        if session is not None:
            reply = self.compose(message.sender, "On my way.", service="session")
            session.msrp.send(reply.cpim(), CPIM_TYPE)


class _Talkative(DeferredChat):
    def answering_direction(self, offered: str | None) -> str:
        return "sendrecv"


class AnswersBothWays(CpmClient):
    """It answers a session that is there to receive as one to speak in."""

    deferred_chat_class = _Talkative


class _Hasty(DeferredChat):
    def accept(self) -> None:
        super().accept()
        self.connect()


class ConnectsBeforeAck(CpmClient):
    """It sets the MSRP session up before the ACK has come."""

    deferred_chat_class = _Hasty


@pytest.mark.parametrize("name", ["pull", "chat-deferred"])
def test_the_client_itself_breaks_nothing(name: str) -> None:
    found = pull(CpmClient) if name == "pull" else chat(CpmClient)

    assert [one.verdict.name for one in found.of(name)] == ["PASS"]


@pytest.mark.parametrize(
    ("client", "rule"),
    [
        (EndsTooEarly, "SD-5.2.1.1.1-teardown"),
        (NeverEnds, "SD-5.2.1.1.1-teardown"),
        (NamesNoAction, "SD-5.2.1.1.1-identities"),
        (NamesOthers, "SD-B.3.6.2-listed"),
    ],
)
def test_a_fault_in_pulling_is_found(client: type[CpmClient], rule: str) -> None:
    setting = PULLS
    if client is NeverEnds:
        patient = replace(PULLS.client, pull_patience=10_000 * SECOND)
        setting = replace(PULLS, pf=replace(PULLS.pf, pull_guard=10_000 * SECOND), client=patient)

    assert rule in rules_broken(pull(client, setting), "pull")


@pytest.mark.parametrize(
    ("client", "rule"),
    [
        (Declines, "CF-7.3.12-3-decline"),
        (NotifiesInSession, "CF-7.3.12-2-notification"),
        (RepliesInSession, "CF-7.3.12-note-reply"),
        (AnswersBothWays, "RFC3264-recvonly"),
        (ConnectsBeforeAck, "CF-7.3.12-3-msrp"),
    ],
)
def test_a_fault_in_deferred_chat_is_found(client: type[CpmClient], rule: str) -> None:
    assert rule in rules_broken(chat(client), "chat-deferred")


def test_the_second_device_is_a_client_of_its_own() -> None:
    world = World(WorldSetting(devices=2))
    world.simulation.after(SECOND, lambda: world.remote.send_pager(ALICE, "To both"))
    for device in world.devices:
        world.simulation.after(3_600 * SECOND, device.register)
    world.simulation.run(until=world.setting.begin + 3_700 * SECOND)
    world.close()

    assert [len(device.received) for device in world.devices] == [1, 1]
    assert world.devices[1].link.endpoint == Endpoint("10.0.2.21", 2_855)
