import asyncio
import socket
import ssl
import subprocess
from io import BytesIO
from shutil import which

import pytest

from conformance.live import streams as module
from conformance.live.clock import Clock
from conformance.live.errors import PlumbingError
from conformance.live.plumbing import Plumbing
from conformance.live.recorder import Recorder
from conformance.live.tls import Security, fingerprint_of
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.component import Connection
from tests.live.echo import Echo, fresh, until


async def plumbed(*parties, **options):
    told = options.setdefault("told", None)
    del told
    clock = Clock(lambda: 0, 0)
    plumbing = Plumbing([party.station for party in parties], clock, **options)
    await plumbing.start()
    return plumbing


@pytest.mark.parametrize("host", ["127.78.0.1", "::1"])
def test_what_is_written_before_a_connection_is_open_arrives_and_is_answered(host):
    async def run():
        one, other = Echo(fresh(host)), Echo(fresh(host))
        recorder = Recorder(BytesIO())
        plumbing = await plumbed(one, other, recorder=recorder)
        connection = one.call(other.endpoint, b"hello")
        plumbing.settle()
        await until(lambda: one.heard == [b"HELLO"])
        assert one.is_open == [connection]
        assert recorder.messages == 2
        one.station.close(connection)
        plumbing.settle()
        await until(lambda: other.ended == [""])
        await until(lambda: plumbing.connections == 0)
        await plumbing.stop()

    asyncio.run(run())


def test_a_refused_port_closes_the_connection_with_a_reason():
    async def run():
        one = Echo()
        plumbing = await plumbed(one)
        one.call(fresh(), b"hello")
        plumbing.settle()
        await until(lambda: one.ended)
        assert one.ended == ["the connection is refused"]
        await plumbing.stop()

    asyncio.run(run())


def test_a_connection_whose_port_is_taken_goes_out_from_another():
    async def run():
        one, other = Echo(fresh("127.78.0.7")), Echo()
        plumbing = await plumbed(one, other)
        with socket.socket() as taken:
            taken.bind((one.endpoint.host, 40_000))
            one.call(other.endpoint, b"hello")
            plumbing.settle()
            await until(lambda: one.heard == [b"HELLO"])
        await plumbing.stop()

    asyncio.run(run())


def test_a_peer_that_resets_is_a_closed_connection():
    async def run():
        one = Echo()
        plumbing = await plumbed(one)
        stranger = socket.create_connection(one.endpoint)
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        await until(lambda: one.is_open)
        stranger.close()
        await until(lambda: one.ended)
        assert "reset" in one.ended[0].lower()
        await plumbing.stop()

    asyncio.run(run())


def test_a_peer_that_does_not_read_loses_its_connection(monkeypatch):
    monkeypatch.setattr(module, "MAX_UNREAD", 100_000)

    async def run():
        one = Echo()
        plumbing = await plumbed(one)
        with socket.create_connection(one.endpoint):
            await until(lambda: one.is_open)
            for _ in range(200):
                one.station.write(one.is_open[0], bytes(65_536))
                plumbing.settle()
            await until(lambda: one.ended)
        assert one.ended == ["the peer does not read"]
        await plumbing.stop()

    asyncio.run(run())


def test_more_connections_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 2)

    async def run():
        one, notes = Echo(), []
        plumbing = await plumbed(one, told=lambda _, note: notes.append(note))
        strangers = [socket.create_connection(one.endpoint) for _ in range(3)]
        await until(lambda: notes)
        assert plumbing.connections == 2
        assert "too many" in dict(notes[0].details)["why"]
        one.call(fresh(), b"x")
        plumbing.settle()
        await until(lambda: one.ended)
        assert one.ended == ["there are 2 connections already"]
        for stranger in strangers:
            stranger.close()
        await plumbing.stop()

    asyncio.run(run())


def test_two_servers_cannot_share_an_endpoint():
    async def run():
        one = Echo()
        with socket.socket() as taken:
            taken.bind(one.endpoint)
            taken.listen()
            with pytest.raises(PlumbingError, match=f"TCP {one.endpoint} .*: it is in use"):
                await plumbed(one)

    asyncio.run(run())


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if which("openssl") is None:
        pytest.skip("openssl is not there: no certificate for TLS")
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "cert.pem"
    asked = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=bench"
    command = asked.split()
    command += ["-addext", "subjectAltName=IP:127.78.0.1", "-keyout", key, "-out", made]
    subprocess.run(command, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made, key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(str(made))
    return server, client


def test_tls_carries_what_tcp_does(certificate):
    async def run():
        one, other = Echo(), Echo()
        plumbing = await plumbed(
            one, other, security=Security(*certificate), secure=frozenset({other.endpoint})
        )
        one.call(other.endpoint, b"hello", Transport.TLS)
        plumbing.settle()
        await until(lambda: one.heard == [b"HELLO"])
        assert other.is_open[0].transport is Transport.TLS
        await plumbing.stop()

    asyncio.run(run())


def finish_handshake(stream, context, octets):
    """Shake hands as a client that sends its first octets with the end of the handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secured = context.wrap_bio(incoming, outgoing, server_hostname="127.78.0.1")
    while True:
        try:
            secured.do_handshake()
            break
        except ssl.SSLWantReadError:
            stream.sendall(outgoing.read())
            incoming.write(stream.recv(65_536))
    secured.write(octets)
    stream.sendall(outgoing.read())


def test_what_comes_with_the_end_of_the_handshake_is_heard_after_it_and_recorded(certificate):
    async def run():
        one, recorder = Echo(), Recorder(BytesIO())
        order = []
        one.opened = lambda connection: order.append("open")
        one.octets = lambda connection, octets: order.append(octets)
        one.closed = lambda connection, why: order.append("closed")
        plumbing = await plumbed(
            one,
            security=Security(*certificate),
            secure=frozenset({one.endpoint}),
            recorder=recorder,
        )
        with socket.create_connection(one.endpoint) as stranger:
            work = (finish_handshake, stranger, certificate[1], b"hello")
            await asyncio.get_running_loop().run_in_executor(None, *work)
        await until(lambda: "closed" in order)
        assert order == ["open", b"hello", "closed"]
        assert recorder.octets_seen == 5
        await plumbing.stop()

    asyncio.run(run())


def test_a_peer_that_speaks_first_is_heard_after_the_opening_and_recorded():
    async def run():
        one, recorder = Echo(), Recorder(BytesIO())
        order = []
        one.opened = lambda connection: order.append("open")
        one.octets = lambda connection, octets: order.append(octets)
        one.closed = lambda connection, why: order.append("closed")
        plumbing = await plumbed(one, recorder=recorder)
        with socket.create_server(("127.78.0.1", 0)) as server:
            one.call(Endpoint(*server.getsockname()))
            plumbing.settle()
            stranger, _ = await asyncio.get_running_loop().run_in_executor(None, server.accept)
            stranger.sendall(b"first")
            stranger.close()
            await until(lambda: "closed" in order)
        assert order == ["open", b"first", "closed"]
        assert recorder.octets_seen == 5
        await plumbing.stop()

    asyncio.run(run())


def test_a_peer_that_leaves_during_the_handshake_is_told(certificate):
    async def run():
        one, notes = Echo(), []
        plumbing = await plumbed(
            one,
            security=Security(*certificate),
            secure=frozenset({one.endpoint}),
            told=lambda _, note: notes.append(note),
        )
        socket.create_connection(one.endpoint).close()
        await until(lambda: notes)
        why = dict(notes[0].details)["why"]
        assert why.startswith("no TLS with 127.0.0.1:")
        assert why.endswith(": it went away")
        assert one.is_open == []
        await plumbing.stop()

    asyncio.run(run())


def test_a_certificate_that_nobody_trusts_closes_the_connection(certificate):
    async def run():
        one, other, notes = Echo(), Echo(), []
        plumbing = await plumbed(
            one,
            other,
            security=Security(certificate[0], ssl.create_default_context()),
            secure=frozenset({other.endpoint}),
            told=lambda _, note: notes.append(note),
        )
        one.call(other.endpoint, b"hello", Transport.TLS)
        plumbing.settle()
        await until(lambda: one.ended and notes)
        assert "certificate" in one.ended[0]
        assert "no TLS with 127.78.0.1" in dict(notes[0].details)["why"]
        assert other.is_open == []
        await plumbing.stop()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("right", ""),
        ("sha-256 " + "AA:" * 31 + "AA", "not the one whose fingerprint was told"),
        ("sha-1 AA", "sha-1 is no hash function to trust"),
    ],
)
def test_a_certificate_that_nobody_trusts_is_known_by_its_fingerprint(certificate, told, why):
    async def run():
        one, other = Echo(), Echo()
        peer = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        peer.check_hostname, peer.verify_mode = False, ssl.CERT_NONE
        (made,) = certificate[1].get_ca_certs(binary_form=True)[-1:]
        plumbing = await plumbed(
            one,
            other,
            security=Security(certificate[0], None, peer),
            secure=frozenset({other.endpoint}),
        )
        print_ = fingerprint_of(made) if told == "right" else told
        connection = one.station.connect(other.endpoint, one, Transport.TLS, print_)
        one.station.write(connection, b"hello")
        plumbing.settle()
        await until(lambda: one.heard or one.ended)
        assert (one.heard == [b"HELLO"]) is (told == "right")
        assert why in "".join(one.ended)
        await plumbing.stop()

    asyncio.run(run())


def test_plain_octets_at_a_tls_endpoint_are_told_and_refused(certificate):
    async def run():
        one, notes = Echo(), []
        plumbing = await plumbed(
            one,
            security=Security(*certificate),
            secure=frozenset({one.endpoint}),
            told=lambda _, note: notes.append(note),
        )
        with socket.create_connection(one.endpoint) as stranger:
            stranger.sendall(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n")
            await until(lambda: notes)
        assert "no TLS with" in dict(notes[0].details)["why"]
        assert one.heard == []
        await plumbing.stop()

    asyncio.run(run())


def test_tls_without_a_certificate_is_a_clear_error():
    async def run():
        one = Echo()
        with pytest.raises(PlumbingError, match="there is no certificate"):
            await plumbed(one, secure=frozenset({one.endpoint}))

    asyncio.run(run())


def test_tls_without_trust_is_a_closed_connection_and_told():
    async def run():
        one, notes = Echo(), []
        plumbing = await plumbed(one, told=lambda _, note: notes.append(note))
        one.call(Endpoint("127.0.0.1", 9), b"x", Transport.TLS)
        plumbing.settle()
        await until(lambda: one.ended)
        assert one.ended == ["nobody is trusted for TLS"]
        told = "no TLS with 127.0.0.1:9: nobody is trusted for TLS"
        assert [dict(note.details)["why"] for note in notes] == [told]
        assert one.call(fresh()) != Connection(one.endpoint, one.endpoint)
        await plumbing.stop()

    asyncio.run(run())
