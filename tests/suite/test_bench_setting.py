import subprocess
from shutil import which

import pytest

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.pf.settings import Push
from conformance.reference.preferences.rules import Delivery
from conformance.suite.bench_setting import BenchSetting, endpoint_of, read_bench_setting
from conformance.suite.errors import ConformanceError

WHOLE = """
[sip]
transport = "tls"
[msrp]
transport = "tls"
[addresses]
core = "192.0.2.1"
pf = "192.0.2.3:5070"
client = "[2001:db8::20]:5061"
[user]
username = "alice"
password = "secret"
challenge = true
[pf]
push = "pager"
notifies = true
unsolicited = true
[client]
message_answers = [480]
subscribes = true
selections = ["discard"]
[iwf]
sms = "smpp"
other = "plain"
"""


def write(folder, text):
    path = folder / "bench.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_setting_says_who_is_where_and_how_we_behave(tmp_path):
    found = read_bench_setting(write(tmp_path, WHOLE))
    world = found.world
    assert world.endpoint("pf") == Endpoint("192.0.2.3", 5070)
    assert world.endpoint("client") == Endpoint("2001:db8::20", 5061)
    assert (world.username, world.password, world.challenge) == ("alice", "secret", True)
    assert world.transport is Transport.TLS
    assert world.msrp_transport is Transport.TLS
    assert {Endpoint("192.0.2.1", 5060), Endpoint("192.0.2.3", 2855)} <= found.secure
    assert (world.pf.push, world.pf.unsolicited) == (Push.PAGER, True)
    assert world.pf.deliveries == (Delivery.NOTIFICATION,)
    assert (world.client.message_answers, world.client.subscribes) == ((480,), True)
    assert (world.sms_leg, world.other_leg) == ("smpp", "plain")
    assert found.named == {"core", "pf", "client"}


@pytest.mark.skipif(which("openssl") is None, reason="openssl is not there: no certificate")
def test_a_certificate_is_told_of_by_its_fingerprint(tmp_path):
    key, made = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=bench"]
    subprocess.run([*words, "-keyout", key, "-out", made], check=True, capture_output=True)
    found = read_bench_setting(write(tmp_path, f'[tls]\ncertificate = "{made}"\nkey = "{key}"'))
    asked = ["openssl", "x509", "-in", made, "-noout", "-fingerprint", "-sha256"]
    said = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    assert found.world.fingerprint == "sha-256 " + said.strip().partition("=")[2]
    assert found.security.context(found.world.fingerprint) is found.security.peer
    with pytest.raises(OSError, match="nobody is trusted"):
        found.security.context("")


def test_nothing_is_secure_but_over_tls():
    assert BenchSetting().secure == frozenset()


def test_a_party_can_be_put_somewhere():
    found = BenchSetting().at("iwf", Endpoint("192.0.2.4", 5060))
    assert found.world.host("iwf") == "192.0.2.4"
    assert found.named == {"iwf"}


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("192.0.2.1", Endpoint("192.0.2.1", 5060)),
        ("192.0.2.1:70", Endpoint("192.0.2.1", 70)),
        ("2001:DB8::1", Endpoint("2001:db8::1", 5060)),
        ("[2001:db8::1]:70", Endpoint("2001:db8::1", 70)),
        ("[2001:db8::1]", Endpoint("2001:db8::1", 5060)),
    ],
)
def test_an_address_is_written_as_usual(text, endpoint):
    assert endpoint_of(text, "here") == endpoint


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pf.example", "is no address"),
        ("192.0.2.1:x", "is no address"),
        ("0.0.0.0", "every address"),
        ("::", "every address"),
        ("192.0.2.1:70000", "no port 70000"),
        ("", "is no address"),
    ],
)
def test_what_is_no_address_is_refused(text, why):
    with pytest.raises(ConformanceError, match=why):
        endpoint_of(text, "here")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[adresses]", "unknown key 'adresses'"),
        ('[addresses]\nmoon = "192.0.2.1"', "unknown key 'moon'"),
        ('[sip]\ntransport = "sctp"', "udp, tcp, tls"),
        ('[pf]\npush = "fax"', "session, pager|pager, large, session"),
        ("[client]\nmessage_answers = [100]", "statuses from 200 to 699"),
        ('[iwf]\nsms = "fax"', "rp, centre, smpp, plain"),
        ('[iwf]\nsms = "rp"\nother = "rp"', "cannot share the leg"),
        ('[tls]\ncertificate = "/nowhere/cert.pem"', "TLS cannot be set up: No such file"),
        ('[tls]\ntrust = "/nowhere/ca.pem"', "TLS cannot be set up: No such file"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(tmp_path, text, why):
    with pytest.raises(ConformanceError, match=why) as error:
        read_bench_setting(write(tmp_path, text))
    assert "bench.toml" in str(error.value)
