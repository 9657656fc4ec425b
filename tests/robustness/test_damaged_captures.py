"""Captures cut at every octet, and every octet of a header flipped: no traceback, no false FAIL.

A full run (CPMSPEC_FULL_LAWS=1) takes every octet of a capture of each flow: three minutes of a
processor, and half an hour for any octet of a file; else some of them, spread, of three flows.
"""

from io import BytesIO

import pytest

from conformance.capture.errors import CaptureError
from conformance.capture.source import STDIN, open_capture
from conformance.observation.trace import GapReason, Observation
from conformance.report.spool import Spool
from conformance.suite.campaign import Stamp, run
from conformance.suite.repackage import unpack
from conformance.suite.setting import Setting
from conformance.verifier.verdict import Verdict
from tests.laws.samples import is_full, spread
from tests.scenarios import catalogue
from tests.verifying import role_rules

SAMPLE = ["push-pager", "pull", "chat-deferred"]
LADDERS = sorted({flow for flow, _ in catalogue.names("VARIANTS")}) if is_full() else SAMPLE
LINK, RECORD, IP, TRANSPORT = 14, 16, 20, 20
SECONDS = 4


@pytest.fixture(scope="module", params=LADDERS)
def ladder(request):
    return catalogue.ladder("VARIANTS", request.param, "base")


def written(ladder, folder, pcapng):
    path = folder / ("c.pcapng" if pcapng else "c.pcap")
    (ladder.write_pcapng if pcapng else ladder.write_pcap)(path)
    return path


def essence(items):
    """What a reader makes of a capture: captures of one essence are judged alike."""
    return tuple(
        (item.time, item.source, item.destination, item.message.octets, item.frames)
        if isinstance(item, Observation)
        else item
        for item in items
    )


class Judge:
    """Judges what reads unlike anything that was judged before."""

    def __init__(self, ladder, path):
        self._ladder = ladder
        self._path = path
        self._known = {}

    def verdict(self, octets, items=None):
        found = essence(read(octets)[0] if items is None else items)
        if found not in self._known:
            self._path.write_bytes(octets)
            self._known[found] = judged(self._path, self._ladder)
        return self._known[found]


def judged(path, ladder):
    """The verdict on a capture, none when it is refused with a sentence; no fault of our own."""
    setting = Setting(roles=tuple(role_rules(ladder)), reader="native")
    with Spool() as spool:
        try:
            report = run([str(path)], setting, spool, Stamp(""))
        except CaptureError:
            return Verdict.NONE
        assert report.faults == ()
        return report.verdict


def read(octets):
    """Every item of a capture and its gaps; a refusal is a sentence."""
    try:
        # From memory: a file for each of so many costs more than reading it.
        source = open_capture(STDIN, reader="native", stdin=BytesIO(octets))
        return list(source), source.health
    except CaptureError:
        return [], None


def header_places(octets, *, time):
    """Offsets of the headers' octets: those of records' times, or all others."""
    places = [] if time else list(range(24))
    for frame in unpack("c", octets).frames:
        record = frame.start - RECORD
        if time:
            places += range(record, record + SECONDS)
            continue
        end = min(frame.start + LINK + IP + TRANSPORT, frame.stop)
        places += range(record + SECONDS, end)
    return places


@pytest.mark.parametrize("pcapng", [False, True])
def test_a_cut_at_every_octet_is_seen_and_makes_no_fail(ladder, pcapng, tmp_path):
    path = written(ladder, tmp_path, pcapng)
    octets = path.read_bytes()
    whole, health = read(octets)
    assert health is not None
    judge = Judge(ladder, path)
    ends = {frame.stop for frame in unpack("c", octets).frames}
    for number, size in enumerate(spread(range(len(octets)), 97, f"cut {pcapng}")):
        items, health = read(octets[:size])
        assert len(items) <= len(whole) + 1
        if is_full() or number % 10 == 0:
            assert judge.verdict(octets[:size], items) is not Verdict.FAIL, size
        if health is None or pcapng or size in ends or size <= 24:
            continue
        assert GapReason.CUT_FILE in {gap.reason for gap in health.gaps}


def flip(path, octets, ladder, places):
    judge = Judge(ladder, path)
    for place in places:
        damaged = bytearray(octets)
        damaged[place] ^= 0xFF
        assert judge.verdict(bytes(damaged)) is not Verdict.FAIL, place


def test_no_flipped_header_makes_a_fail(ladder, tmp_path):
    path = written(ladder, tmp_path, False)
    octets = path.read_bytes()
    places = header_places(octets, time=False)
    flip(path, octets, ladder, spread(places, 97, "flip"))


def test_a_frame_at_another_time_makes_no_fail(ladder, tmp_path):
    path = written(ladder, tmp_path, False)
    octets = path.read_bytes()
    flip(path, octets, ladder, spread(header_places(octets, time=True), 13, "time"))


def test_no_lost_frame_makes_a_fail(ladder, tmp_path):
    path = written(ladder, tmp_path, False)
    octets = path.read_bytes()
    judge = Judge(ladder, path)
    for frame in spread(unpack("c", octets).frames, 11, "lost"):
        kept = octets[: frame.start - RECORD] + octets[frame.stop :]
        assert judge.verdict(kept) is not Verdict.FAIL, frame


def test_weeks_back_in_the_midst_of_a_session_make_no_fail(tmp_path):
    ladder = catalogue.ladder("VARIANTS", "pull", "base")
    path = written(ladder, tmp_path, False)
    octets = path.read_bytes()
    frames = unpack("c", octets).frames
    flip(path, octets, ladder, [frames[n].start - RECORD + 1 for n in (10, 30, 34)])


def test_any_octet_flipped_makes_no_traceback(ladder, tmp_path):
    path = written(ladder, tmp_path, True)
    octets = path.read_bytes()
    judge = Judge(ladder, path)
    for place in spread(range(len(octets)), 499, "any"):
        damaged = bytearray(octets)
        damaged[place] ^= 0x55
        judge.verdict(bytes(damaged))
