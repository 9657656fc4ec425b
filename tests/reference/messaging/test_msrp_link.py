"""Where a host listens for MSRP."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.msrp.writer import write_request
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import (
    Accepted,
    Close,
    Closed,
    Connection,
    Octets,
    Open,
    Station,
)
from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.msrp_link import MAX_UNBOUND, MsrpLink, request_octets
from conformance.reference.messaging.msrp_session import MsrpSession
from tests.reference.messaging.msrp_ends import HERE, Heard

PEER = "msrp://10.0.2.20:9/phone;tcp"


def line(port: int = 40_000) -> Connection:
    return Connection(HERE, Endpoint("10.0.2.20", port))


class Listening:
    """A link with a session, and a peer's connection to it."""

    def __init__(self) -> None:
        self.station = Station(HERE.host, Chance("link"))
        self.link = MsrpLink(self.station, HERE)
        self.heard = Heard()
        self.session = MsrpSession(self.station, user=self.heard, link=self.link)
        self.station.receive(0, Accepted(line()))

    def take(self, octets: bytes, connection: Connection | None = None) -> list[str]:
        effects = self.station.receive(1, Octets(connection or line(), octets))
        return [e.octets.split(b"\r\n")[0].decode() for e in effects if isinstance(e, Octets)]

    def send(self, to: str = "", method: str = "SEND", fields: tuple[str, ...] = ()) -> bytes:
        named = [tuple(f.split(": ")) for f in fields]
        paths = [("To-Path", to or self.session.path), ("From-Path", PEER)]
        more = [*paths, ("Message-ID", "m1"), *named]
        return write_request("t1234567", method, more)  # type: ignore[list-item]


def test_a_request_goes_to_the_session_that_its_path_names() -> None:
    here = Listening()

    assert here.take(here.send()) == ["MSRP t1234567 200 OK"]
    assert here.heard.said == [("opened",)]
    assert here.session.connection == line()


def test_a_link_over_tls_names_msrps_uris_and_connects_over_tls() -> None:
    station = Station(HERE.host, Chance("secure"))
    link = MsrpLink(station, HERE, Transport.TLS)
    session = MsrpSession(station, user=Heard(), link=link)
    assert session.path.startswith(f"msrps://{HERE.host}:")
    link.fingerprint = "sha-256 AA"
    assert session.fingerprint == "sha-256 AA"
    connection = link.connect(session, Endpoint("10.0.2.20", 2_855), "sha-256 BB")
    assert connection.transport is Transport.TLS
    assert station.effects() == [Open(connection, "sha-256 BB")]


def test_an_unknown_session_is_told() -> None:
    here = Listening()

    assert here.take(here.send("msrp://10.0.3.1:20000/other;tcp")) == [
        "MSRP t1234567 481 No Such Session"
    ]


def test_a_session_has_one_connection() -> None:
    here = Listening()
    here.take(here.send())
    here.station.receive(2, Accepted(line(40_001)))

    assert here.take(here.send(), line(40_001)) == ["MSRP t1234567 506 Session Already In Use"]


def test_an_unknown_method_is_told() -> None:
    here = Listening()

    assert here.take(here.send(method="NICKNAME")) == ["MSRP t1234567 501 Unknown Method"]


def test_a_report_is_never_answered() -> None:
    here = Listening()

    assert here.take(here.send(method="REPORT", fields=("Status: 000 200 OK",))) == []
    assert here.take(here.send("msrp://10.0.3.1:1/no;tcp", method="REPORT")) == []
    assert ("reported", "m1", 200) in here.heard.said


def test_a_request_that_breaks_the_grammar_is_told_where_it_can_be() -> None:
    here = Listening()
    broken = here.send().replace(b"Message-ID: m1", b"Message-ID m1")

    assert here.take(broken) == ["MSRP t1234567 400 Bad Request"]


def test_a_connection_without_a_session_is_not_kept() -> None:
    here = Listening()

    assert here.station.wake(61 * SECOND) == [Close(line())]


def test_a_bound_connection_stays() -> None:
    here = Listening()
    here.take(here.send())

    assert here.station.wake(61 * SECOND) == []


def test_connections_without_a_session_are_counted() -> None:
    here = Listening()
    refused = [
        here.station.receive(0, Accepted(line(41_000 + i))) == [Close(line(41_000 + i))]
        for i in range(MAX_UNBOUND)
    ]

    assert refused == [False] * (MAX_UNBOUND - 1) + [True]


def test_leaving_closes_a_connection_that_no_other_session_uses() -> None:
    here = Listening()
    here.take(here.send())

    here.session.close()

    assert Close(line()) in here.station.effects()
    assert here.take(here.send()) == []


def test_a_lost_connection_is_told_to_its_session() -> None:
    here = Listening()
    here.take(here.send())

    here.station.receive(2, Closed(line(), "reset"))

    assert here.heard.said[-1] == ("closed", "reset")


def test_no_transaction_has_its_end_in_the_body() -> None:
    first, _ = request_octets("SEND", [], Chance("t"))
    body = b"\r\n-------" + first.encode() + b"$\r\n"

    other, octets = request_octets("SEND", [], Chance("t"), body)

    assert other != first
    assert body in octets


@given(st.lists(st.binary(max_size=60), max_size=6))
@settings(max_examples=60)
def test_garbage_never_raises(pieces: list[bytes]) -> None:
    here = Listening()

    for piece in pieces:
        here.take(piece)
        here.take(b"MSRP " + piece + b" SEND\r\n" + piece + b"\r\n")
