from conformance.reference.messaging.offer import Agreement, agree
from conformance.reference.pf.courier import Courier
from conformance.reference.pf.push_session import sdp_of
from conformance.reference.store.deferred_queue import Deferred
from tests.reference.pf.world import Client, PfWorld, message


def with_limit(world: PfWorld, limit: int) -> None:
    """Let the client take messages up to a size only."""

    def accept(client: Client) -> None:
        client.accept()
        limited = client.local.replace(
            b"a=accept-types", b"a=max-size:%d\r\na=accept-types" % limit
        )
        agreed = agree(limited, sdp_of(client.session.remote), is_offerer=False)
        assert isinstance(agreed, Agreement)
        client.local = limited

    world.on_session = accept


def test_that_a_message_that_is_refused_does_not_hold_up_the_next() -> None:
    world = PfWorld()
    world.defer(1, text="x" * 5_000)
    with_limit(world, 2_000)

    world.send(message(2))
    world.register()
    world.wait(60)
    assert world.clients[0].ids == ["msg-2"]
    assert world.queue == ["msg-1"]
    assert world.noted("undelivered") == ["msg-1"]
    assert world.clients[0].ended_by == "BYE came"


class Told:
    """A recipient that remembers what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def arrived(self, deferred: Deferred) -> None:
        self.said.append(f"arrived {deferred.id}")

    def refused_message(self, deferred: Deferred, status: int) -> None:
        self.said.append(f"refused {deferred.id} {status}")

    def emptied(self) -> None:
        self.said.append("emptied")

    def cut_off(self, why: str) -> None:
        self.said.append("cut off")


def test_that_winding_up_an_idle_courier_is_done_at_once() -> None:
    world, told, done = PfWorld(), Told(), []
    courier = Courier(world.pf.host, told, 2_048)
    courier.wind_up(lambda: done.append(True))
    assert done == [True]
    assert courier.session.is_closed
    assert told.said == []


def test_that_what_is_never_answered_is_given_up() -> None:
    # Given a client whose answers over MSRP are lost once the session has begun
    world = PfWorld()
    world.defer(2)
    octets_of = world.peer.station.write
    world.peer.station.write = (  # type: ignore[method-assign]
        lambda connection, octets: (
            None if b" 200 OK" in octets[:40] else octets_of(connection, octets)
        )
    )
    world.register()
    world.wait(120)
    # then nothing counts as delivered, and the session has an end
    assert world.queue == ["msg-1", "msg-2"]
    assert world.clients[0].ended_by == "BYE came"
