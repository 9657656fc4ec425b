"""Two ends of MSRP sessions for tests: what each is told, and how the two agree."""

from conformance.body import sdp
from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.messaging.offer import Agreement, agree, answer, offer
from tests.reference.wiring import Wire

HERE, THERE = Endpoint("10.0.3.1", 20_000), Endpoint("10.0.2.20", 2_855)


class Heard:
    """A user of a session that remembers what it is told."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []

    def opened(self, session: MsrpSession) -> None:
        self.said.append(("opened",))

    def received(
        self, session: MsrpSession, message_id: str, content_type: str, body: bytes
    ) -> None:
        self.said.append(("received", content_type, body))

    def reported(self, session: MsrpSession, message_id: str, status: int) -> None:
        self.said.append(("reported", message_id, status))

    def sent(self, session: MsrpSession, message_id: str) -> None:
        self.said.append(("sent", message_id))

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None:
        self.said.append(("failed", message_id, status))

    def closed(self, session: MsrpSession, why: str) -> None:
        self.said.append(("closed", why))


class Ends:
    """An offering end on one host and an answering end on another."""

    def __init__(self, **options: str) -> None:
        self.here, self.there = Heard(), Heard()
        stations = [Station(e.host, Chance(e.host)) for e in (HERE, THERE)]
        self.wire = Wire()
        for station in stations:
            self.wire.add(station)
        self.links = [MsrpLink(s, e) for s, e in zip(stations, (HERE, THERE), strict=True)]
        self.offerer = MsrpSession(stations[0], user=self.here, link=self.links[0])
        self.answerer = MsrpSession(stations[1], user=self.there, link=self.links[1])
        self.chance = Chance("ends")
        self.local = offer(
            self.offerer.path,
            HERE,
            chance=self.chance,
            direction=options.get("direction", "sendonly"),
            setup=options.get("setup", "actpass"),
        )
        read = sdp.parse(self.local)
        assert isinstance(read, sdp.Session)
        self.remote = answer(
            read, self.answerer.path, THERE, chance=self.chance, setup=options.get("answer")
        )

    def start(self) -> "Ends":
        for session, ours, theirs, offers in (
            (self.offerer, self.local, self.remote, True),
            (self.answerer, self.remote, self.local, False),
        ):
            agreed = agree(ours, theirs, offers)
            assert isinstance(agreed, Agreement)
            session.start(agreed)
        self.run(1)
        return self

    def run(self, seconds: float) -> None:
        self.wire.run(seconds=seconds)

    def said_by(self, host: str) -> bytes:
        """All that a host has written."""
        return b"".join(one.octets for one in self.wire.carried if one.source.host == host)
