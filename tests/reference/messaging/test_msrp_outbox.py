"""Messages on their way in chunks."""

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.messaging.msrp_outbox import Outbox, outgoing


class Session:
    """A sender that keeps what is written."""

    def __init__(self) -> None:
        self.may_write = True
        self.written: list[bytes] = []
        self.told: list[tuple[str, int]] = []

    def paths(self) -> list[tuple[str, str]]:
        return [("To-Path", "msrp://a:1/x;tcp"), ("From-Path", "msrp://b:1/y;tcp")]

    def write(self, octets: bytes) -> None:
        self.written.append(octets)

    def message_sent(self, message_id: str) -> None:
        self.told.append((message_id, 200))

    def message_failed(self, message_id: str, status: int) -> None:
        self.told.append((message_id, status))

    def transactions(self) -> list[str]:
        return [octets.split(b" ", 2)[1].decode() for octets in self.written]


def made() -> tuple[Session, Outbox]:
    session = Session()
    return session, Outbox(Station("10.0.3.1", Chance("box")), session)


def test_no_more_chunks_than_a_window_wait_for_their_answers() -> None:
    session, outbox = made()
    outbox.put(outgoing("m1", b"x" * 40, "text/plain", 1))
    assert len(session.written) == 16

    outbox.answered(session.transactions()[0], 200)

    assert len(session.written) == 17


def test_a_message_is_done_once_all_its_chunks_are_answered() -> None:
    session, outbox = made()
    outbox.put(outgoing("m1", b"xy", "text/plain", 1))
    first, last = session.transactions()

    outbox.answered(last, 200)
    assert session.told == []
    outbox.answered(first, 200)

    assert session.told == [("m1", 200)]
    assert len(outbox) == 0


def test_a_refused_message_is_sent_no_further_and_the_next_one_goes() -> None:
    session, outbox = made()
    outbox.put(outgoing("m1", b"x" * 40, "text/plain", 1))
    outbox.put(outgoing("m2", b"y", "text/plain"))

    outbox.answered(session.transactions()[0], 413)

    assert session.told == [("m1", 413)]
    assert b"Message-ID: m2" in session.written[-1]
    assert len(session.written) == 17


def test_nothing_leaves_before_there_is_a_connection() -> None:
    session, outbox = made()
    session.may_write = False
    outbox.put(outgoing("m1", b"x", "text/plain"))
    assert session.written == []

    session.may_write = True
    outbox.pump()

    assert len(session.written) == 1


def test_answers_to_nothing_change_nothing() -> None:
    session, outbox = made()

    outbox.answered("unknown", 200)

    assert session.told == []
