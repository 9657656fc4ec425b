import os
import socket
import subprocess
import time
from pathlib import Path
from shutil import which

import pytest

from conformance.flow.library import load
from conformance.live.clock import Clock
from conformance.live.dumpcap import PROGRAM
from conformance.suite.drive import drive, prepared
from conformance.suite.drive_verdict import CaseVerdict, is_open, judge
from conformance.suite.test_cases import select
from tests.live.echo import WORKER
from tests.live.watching import Watching
from tests.suite.benches import BEGIN, NUMBERS, setting
from tests.waiting import PATIENCE, until

pytestmark = [
    pytest.mark.kamailio,
    pytest.mark.skipif(which("kamailio") is None, reason="no Kamailio: make peers installs it"),
]

# Tests that run side by side have a core each.
NETWORK = f"127.{170 + WORKER % 10}"
HEP_PORT = 9_060 + WORKER % 10
TOO_FAR = (
    b"OPTIONS sip:nobody@home-a.example SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=z9hG4bK1\r\n"
    b"From: <sip:test@home-a.example>;tag=1\r\nTo: <sip:nobody@home-a.example>\r\nCall-ID: 1\r\n"
    b"CSeq: 1 OPTIONS\r\nMax-Forwards: 0\r\nContent-Length: 0\r\n\r\n"
)
CONFIGURATION = Path(__file__).parent / "kamailio.cfg"


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """Kamailio as the SIP/IP Core."""
    folder = tmp_path_factory.mktemp("kamailio")
    text = CONFIGURATION.read_text("utf-8")
    for name in ("core", "pf", "client", "iwf", "remote"):
        text = text.replace(name.upper(), f"{NETWORK}.{NUMBERS[name]}")
    text = text.replace("HEPPORT", str(HEP_PORT))
    path = folder / "kamailio.cfg"
    path.write_text(text, "utf-8")
    words = ["kamailio", "-DD", "-E", "-f", path, "-m", "64", "-M", "8"]
    words += ["-P", folder / "pid", "-w", folder, "-Y", folder]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    until(lambda: process.poll() is not None or answers())
    assert process.poll() is None, (folder / "log").read_text()
    yield folder / "log"
    process.terminate()
    process.wait(PATIENCE)


def answers():
    """Whether it hears, by UDP and TCP, and says that a request has gone too far."""
    core = f"{NETWORK}.{NUMBERS['core']}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind((f"{NETWORK}.99.99", 0))
        asking.settimeout(0.1)
        try:
            socket.create_connection((core, 5060)).close()
            host, port = asking.getsockname()
            asking.sendto(TOO_FAR % (host.encode(), port), (core, 5060))
            return asking.recv(9_000).startswith(b"SIP/2.0 483")
        except OSError:
            return False


ROLES = [
    f"--role={name}={NETWORK}.{NUMBERS[name]}"
    for name in ("core", "client", "pf", "iwf", "noncpm", "remote")
]
# Kamailio mirrors what passes through it: SIP, and no MSRP. The other flows stay open then.
MIRRORED = {"push-pager", "undelivered", "interwork-out", "interwork-in"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory, core):
    """The flows that went through it: each must pass for who watches them on lo, too."""
    if os.geteuid() != 0 or which(PROGRAM) is None:
        yield set()
        return
    folder, passed = tmp_path_factory.mktemp("watched"), set()
    chosen = f"net {NETWORK}.0.0/16 and not port {HEP_PORT}"
    with Watching(folder, "-i", "lo", "--filter", chosen, *ROLES) as watching:
        yield passed
        assert_all_pass(watching.report(), passed)


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory, core):
    """And for who is sent what it mirrors."""
    folder, passed = tmp_path_factory.mktemp("mirrored"), set()
    with Watching(folder, "--hep", f"127.0.0.1:{HEP_PORT}", *ROLES) as watching:
        yield passed
        assert_all_pass(watching.report(), passed & MIRRORED)


def assert_all_pass(report, flows):
    found = {(one["flow"], one["verdict"]) for one in report["instances"]}
    assert found >= {(flow, "pass") for flow in flows}, found
    assert "fail" not in {verdict for _, verdict in found}, found


@pytest.mark.parametrize(
    "name",
    [
        "push-pager/base",
        "push/base",
        "push-large/base",
        "pull/base",
        "pull-notify/base",
        "chat-deferred/base",
        "undelivered/expires-soon",
        "interwork-out/base",
        "interwork-in/base",
    ],
)
def test_a_flow_runs_through_kamailio_and_passes_also_for_who_watches_it(
    core, watched, mirrored, name
):
    library = load(None)
    (case,) = select("core", [], [name])
    # A busy machine may be too slow for a clock that runs fast: that is inconclusive.
    for rate in (10, 2):
        bench = prepared("core", setting(NETWORK).world.endpoint("core"), setting(NETWORK))
        done = drive(
            case,
            bench,
            Clock(time.monotonic_ns, BEGIN, rate),
            lambda asked: None,
            print,
            is_open=lambda octets, roles: is_open(case, octets, roles, library),
        )
        judged = judge(done, library)
        if judged.verdict is not CaseVerdict.INCONC:
            break
    assert judged.verdict is CaseVerdict.PASS, f"{judged.why}\n{core.read_text()[-2000:]}"
    watched.add(case.flow)
    mirrored.add(case.flow)
