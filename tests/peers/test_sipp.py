import time
from shutil import which

import pytest

from conformance.flow.library import load
from conformance.live.clock import Clock
from conformance.suite.drive import drive, prepared
from conformance.suite.drive_verdict import CaseVerdict, is_open, judge
from conformance.suite.test_cases import select
from tests.peers.sipp import SippClient
from tests.suite.benches import BEGIN, setting

pytestmark = [
    pytest.mark.sipp,
    pytest.mark.skipif(which("sipp") is None, reason="no SIPp: make peers installs it"),
]


def verdict_on(device, name, network):
    library = load(None)
    (case,) = select("client", [], [name])
    bench = prepared("client", device.address, setting(network))
    try:
        done = drive(
            case,
            bench,
            Clock(time.monotonic_ns, BEGIN, 8),
            device.operate,
            print,
            is_open=lambda octets, roles: is_open(case, octets, roles, library),
        )
    finally:
        device.stop()
    return judge(done, library)


def test_sipp_that_answers_200_conforms(tmp_path):
    device = SippClient(tmp_path, "127.140", "MESSAGE", 200, "OK")
    judged = verdict_on(device, "push-pager/challenged", "127.140")
    assert judged.verdict is CaseVerdict.PASS, judged.why


def test_sipp_that_answers_500_does_not(tmp_path):
    device = SippClient(tmp_path, "127.141", "MESSAGE", 500, "Server Internal Error")
    judged = verdict_on(device, "push-pager/challenged", "127.141")
    assert judged.verdict is CaseVerdict.FAIL, judged.why
    assert "push-pager/4-5" in judged.broken


def test_sipp_that_knows_no_messages_is_not_said_to_fail(tmp_path):
    device = SippClient(tmp_path, "127.142", "MESSAGE", 405, "Method Not Allowed")
    judged = verdict_on(device, "push-pager/challenged", "127.142")
    assert judged.verdict is CaseVerdict.UNSUPPORTED, judged.why
    assert judged.why == "405 to MESSAGE: the method is not supported"


def test_sipp_that_takes_no_sessions_is_not_said_to_fail(tmp_path):
    device = SippClient(tmp_path, "127.143", "INVITE", 488, "Not Acceptable Here")
    judged = verdict_on(device, "push/challenged", "127.143")
    assert judged.verdict is CaseVerdict.UNSUPPORTED, judged.why
