"""A third opinion: what tshark shows of SIP, MSRP, SDP and short messages against our parsers.

Field by field, with every value where one occurs several times, for what both show; what only
one of them shows says nothing. Where they differ for a reason, it stands in `DIFFERENCES`.
"""

import subprocess
from collections import Counter
from pathlib import Path
from shutil import which

import pytest

from conformance.capture.source import open_capture
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.suite.repackage import unpack
from conformance.wire.malformed import Malformed
from tests.robustness.dissection import MSRP, SDP, SIP, SMS

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / ".." / "shared" / "captures"
OURS = sorted((ROOT / "captures").rglob("*.pcapng"))
OTHERS = sorted(SHARED.glob("*.pcap*")) if SHARED.is_dir() else []
MARK, COMMA = "\x1f", "\x1e"
KINDS = {"sip": (SipRequest, SipResponse), "msrp": (MsrpRequest, MsrpResponse)}
TABLES = {"sip": SIP | SDP | SMS, "msrp": MSRP}

# Capture, frame, field: why the two readings differ there.
DIFFERENCES: dict[tuple[str, int, str], str] = {}

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(which("tshark") is None, reason="Wireshark's tshark is not here"),
]


def shown_by_tshark(path):
    """What tshark shows of each frame: its number, its messages by protocol, its fields."""
    names = ["frame.number", *KINDS, *(name for table in TABLES.values() for name in table)]
    wanted = [part for name in names for part in ("-e", name)]
    separators = ["-E", f"separator={MARK}", "-E", f"aggregator={COMMA}", "-E", "occurrence=a"]
    done = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-o", "gsm_sms.reassemble:FALSE", "-Y", "sip||msrp",
         "-T", "fields", *separators, *wanted],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    lines = [line.split(MARK) for line in done.stdout.split("\n")]
    return [
        dict(zip(names, columns, strict=True)) for columns in lines if len(columns) == len(names)
    ]


def shown_by_us(path):
    """The messages by protocol and by the frame that completed them."""
    found: dict[tuple[str, int], list] = {}
    for item in open_capture(str(path), reader="native"):
        if isinstance(item, Observation) and not isinstance(item.message, Malformed):
            (protocol,) = (
                name for name, kinds in KINDS.items() if isinstance(item.message, kinds)
            )
            found.setdefault((protocol, item.frames[-1]), []).append(item.message)
    return found


def plain(text):
    return " ".join(text.split())


def compared(path):
    """How often each field was compared; every one must be the same."""
    counts: Counter[str] = Counter()
    ours = shown_by_us(path)
    for shown in shown_by_tshark(path):
        frame = int(shown["frame.number"])
        for protocol, table in TABLES.items():
            messages = ours.get((protocol, frame), [])
            # Wireshark may show fewer messages of a frame than there are, or their copies.
            if not messages or len(shown[protocol].split(COMMA)) != len(messages):
                continue
            for name, read in table.items():
                their = [plain(value) for value in shown[name].split(COMMA) if value]
                our = [plain(value) for message in messages for value in read(message)]
                if their and our and (path.name, frame, name) not in DIFFERENCES:
                    counts[name] += len(our)
                    assert our == their, f"{path.name}, frame {frame}: {name}"
    return counts


# Our captures ask for no reports of MSRP; those of others do.
NEVER_SENT = {"msrp.use.path", "msrp.success.report", "msrp.failure.report", "msrp.status"}
RARE = {"gsm_a.rp.cause", "gsm_sms.tp-ra"}
OFTEN = """
    method status-code r-uri cseq.seq cseq.method from.tag to.tag from.addr to.addr from.user
    to.user pai.addr via via.branch via.transport via.sent-by.address via.sent-by.port
    via.received via.rport call-id contact content-length content-type event expires
    subscription-state accept-contact record-route route max-forwards p-asserted-service
    supported
"""


def apart(path, number):
    """A capture's octets with addresses of its own: else its streams would be those of others."""
    package = unpack(str(path), path.read_bytes())
    for frame in package.frames:
        at = frame.start + 14
        for place in (at + 13, at + 17) if package.octets[at] >> 4 == 4 else (at + 13, at + 29):
            package.octets[place] = number
    return bytes(package.octets)


def test_all_of_our_captures(tmp_path):
    path = tmp_path / "all.pcapng"
    path.write_bytes(b"".join(apart(one, number) for number, one in enumerate(OURS, 1)))
    counts = compared(path)
    often = [name for name in SIP if name.lower().removeprefix("sip.") in OFTEN.split()]
    # Each of these was compared, and not by chance once or twice.
    for name in (*SDP, *MSRP.keys() - NEVER_SENT, *SMS.keys() - RARE, *often):
        assert counts[name] >= 6, name
    for name in RARE:
        assert counts[name], name
    assert sum(counts.values()) > 100_000


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_captures_of_others(path):
    compared(path)
