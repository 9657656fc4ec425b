import argparse
import os
import signal
import socket
import sys
import threading
from contextlib import ExitStack
from io import BytesIO

import pytest

from conformance.capture.native import NativeSource
from conformance.cli import watching
from conformance.cli.watching import Session
from conformance.observation.trace import CaptureHealth, Observation
from conformance.suite.setting import Setting
from conformance.verifier.verdict import Verdict
from tests.live.growing import capture
from tests.live.hep_packets import packet
from tests.waiting import PATIENCE, until


def options(**given) -> argparse.Namespace:
    plain = {
        "folder": None, "interface": None, "hep": None, "filter": None, "ring": None,
        "ring_files": 20, "duration": None, "max_open": 100, "results": "kept", "jsonl": False,
        "metrics": None, "quiet": True,
    }  # fmt: skip
    return argparse.Namespace(**(plain | given))


@pytest.fixture
def closing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ExitStack() as stack:
        yield stack


def test_a_folder_is_watched_for_as_long_as_was_asked(tmp_path, closing) -> None:
    (tmp_path / "a.pcapng").write_bytes(capture("push-pager"))
    session = Session(options(folder=".", duration=0.2), Setting(), closing)
    report = session.run()
    assert report.verdict is Verdict.PASS
    assert session.lag == 0
    assert session.pending == 0
    assert session.seconds >= 0.2
    assert "kept" in session.last_word()


def test_probes_are_heard_and_what_they_tell_is_judged(closing) -> None:
    source = NativeSource(CaptureHealth("x", "native"), 0, lambda: BytesIO(capture("undelivered")))
    sent = [packet(one) for one in source if isinstance(one, Observation)]
    session = Session(options(hep="127.0.0.1:0", duration=PATIENCE), Setting(), closing)
    port = session.source._server.port

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            for one in sent:
                probe.sendto(one, ("127.0.0.1", port))
        until(lambda: sum(one.packets for one in session.source.healths) == len(sent))
        session._signal(signal.SIGTERM, None)

    thread = threading.Thread(target=send)
    thread.start()
    report = session.run()
    thread.join()
    # Their clock is far from ours: arrival counts, and the messages are all there.
    assert report.captures[0].sip_messages == len(sent)
    assert report.captures[0].reader == "hep"
    assert report.verdict is Verdict.PASS


def test_a_signal_at_any_moment_of_waiting_ends_the_watch(tmp_path, closing, monkeypatch) -> None:
    # given a watch that waits
    session = Session(options(folder=".", duration=60), Setting(), closing)
    monkeypatch.setattr(watching, "_PAUSE", 0.001)
    asked = []

    def at_each_step(_frame, event, _value):
        asked.append(event)
        session._signal(signal.SIGTERM, None)
        return at_each_step

    def wait() -> None:
        sys.settrace(at_each_step)
        session._wait()
        sys.settrace(None)

    # when signals come at each step of its waiting, whatever is held there
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    thread.join(10)
    # then it goes on, and ends
    assert not thread.is_alive()
    assert asked
    assert session.run().verdict is Verdict.NONE


def test_a_signal_that_comes_before_the_watch_is_at_work_ends_it_in_good_order(
    tmp_path, closing
) -> None:
    (tmp_path / "a.pcapng").write_bytes(capture("push-pager"))
    session = Session(options(folder=".", duration=60), Setting(), closing)
    os.kill(os.getpid(), signal.SIGTERM)
    assert session.run().verdict is Verdict.PASS
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
