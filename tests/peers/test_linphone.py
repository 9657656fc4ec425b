import time
from dataclasses import replace
from shutil import which

import pytest

from conformance.flow.library import load
from conformance.live.clock import Clock
from conformance.suite.drive import drive, prepared
from conformance.suite.drive_verdict import CaseVerdict, is_open, judge
from conformance.suite.test_cases import select
from tests.peers.linphone import ADDRESS, LinphoneClient
from tests.suite.benches import BEGIN, setting

pytestmark = [
    pytest.mark.linphone,
    pytest.mark.skipif(
        which("linphone-daemon") is None, reason="no linphone-daemon: make peers installs it"
    ),
]

NETWORK = "127.160"


def test_linphone_takes_a_pushed_message_and_tells_of_its_delivery(tmp_path):
    # given linphone as Alice's device, which registers with digest
    library = load(None)
    (case,) = select("client", [], ["push-pager/notified-twice"])
    bench = setting(NETWORK)
    bench = prepared("client", ADDRESS, replace(bench, world=replace(bench.world, challenge=True)))
    device = LinphoneClient(tmp_path, NETWORK)
    # when a deferred message is pushed to it
    try:
        done = drive(
            case,
            bench,
            Clock(time.monotonic_ns, BEGIN, 2),
            device.operate,
            print,
            is_open=lambda octets, roles: is_open(case, octets, roles, library),
        )
    finally:
        device.stop()
    # then it conforms, and its notification has gone by a MESSAGE of its own
    judged = judge(done, library)
    assert judged.verdict is CaseVerdict.PASS, judged.why
    assert b"Content-Type: message/imdn+xml" in done.octets
