import subprocess
import time
from pathlib import Path
from shutil import which

import pytest

from conformance.flow.library import load
from conformance.live.clock import Clock
from conformance.suite.drive import drive, prepared
from conformance.suite.drive_verdict import CaseVerdict, is_open, judge
from conformance.suite.test_cases import select
from tests.suite.benches import BEGIN, NUMBERS, setting

pytestmark = [
    pytest.mark.kamailio,
    pytest.mark.skipif(which("kamailio") is None, reason="no Kamailio: make peers installs it"),
]

NETWORK = "127.150"
CONFIGURATION = Path(__file__).parent / "kamailio.cfg"


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """Kamailio as the SIP/IP Core."""
    folder = tmp_path_factory.mktemp("kamailio")
    text = CONFIGURATION.read_text("utf-8")
    for name in ("core", "pf", "client", "iwf", "remote"):
        text = text.replace(name.upper(), f"{NETWORK}.{NUMBERS[name]}")
    path = folder / "kamailio.cfg"
    path.write_text(text, "utf-8")
    words = ["kamailio", "-DD", "-E", "-f", path, "-m", "64", "-M", "8"]
    words += ["-P", folder / "pid", "-w", folder, "-Y", folder]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    for _ in range(100):
        time.sleep(0.05)
        if process.poll() is not None or (folder / "pid").exists():
            break
    time.sleep(0.5)
    assert process.poll() is None, (folder / "log").read_text()
    yield folder / "log"
    process.terminate()
    process.wait(20)


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
def test_a_flow_runs_through_kamailio_and_passes(core, name):
    library = load(None)
    (case,) = select("core", [], [name])
    bench = prepared("core", setting(NETWORK).world.endpoint("core"), setting(NETWORK))
    done = drive(
        case,
        bench,
        Clock(time.monotonic_ns, BEGIN, 10),
        lambda asked: None,
        print,
        is_open=lambda octets, roles: is_open(case, octets, roles, library),
    )
    judged = judge(done, library)
    assert judged.verdict is CaseVerdict.PASS, f"{judged.why}\n{core.read_text()[-2000:]}"
