"""A third opinion: what tshark shows of SIP and MSRP against our parser, field by field.

Both must show the same message in the same frame; what only one of them shows says nothing.
"""

import subprocess
from pathlib import Path
from shutil import which

import pytest

from conformance.capture.source import open_capture
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed
from tests.laws.samples import spread

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / ".." / "shared" / "captures"
OURS = sorted((ROOT / "captures").rglob("*.pcap*"))
OTHERS = sorted(SHARED.glob("*.pcap*")) if SHARED.is_dir() else []
CAPTURES = [*spread(OURS, 30, "third opinion"), *OTHERS]
MARK, COMMA = "\x1f", "\x1e"

SIP = {
    "sip.Method": lambda m: m.method if isinstance(m, SipRequest) else "",
    "sip.Status-Code": lambda m: str(m.status) if isinstance(m, SipResponse) else "",
    "sip.r-uri": lambda m: m.uri if isinstance(m, SipRequest) else "",
    "sip.Call-ID": lambda m: m.call_id,
    "sip.CSeq.seq": lambda m: str(m.cseq),
    "sip.CSeq.method": lambda m: m.cseq_method,
    "sip.from.tag": lambda m: m.from_tag or "",
    "sip.to.tag": lambda m: m.to_tag or "",
    "sip.Via.branch": lambda m: m.branch,
    "sip.Content-Length": lambda m: m.header("Content-Length") or "",
    "sip.Content-Type": lambda m: m.header("Content-Type") or "",
    "sip.Expires": lambda m: m.header("Expires") or "",
}
MSRP = {
    "msrp.transaction.id": lambda m: m.transaction_id,
    "msrp.method": lambda m: m.method if isinstance(m, MsrpRequest) else "",
    "msrp.status.code": lambda m: str(m.status) if isinstance(m, MsrpResponse) else "",
    "msrp.messageid": lambda m: m.message_id or "",
    "msrp.byte.range": lambda m: m.header("Byte-Range") or "",
    "msrp.cnt.flg": lambda m: m.flag,
}

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(which("tshark") is None, reason="Wireshark's tshark is not here"),
]


def shown_by_tshark(path):
    """What tshark shows of each frame: its number, its messages by protocol, its fields."""
    names = ["frame.number", "sip", "msrp", *SIP, *MSRP]
    wanted = [part for name in names for part in ("-e", name)]
    separators = ["-E", f"separator={MARK}", "-E", f"aggregator={COMMA}", "-E", "occurrence=a"]
    done = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-Y", "sip||msrp", "-T", "fields", *separators, *wanted],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    lines = [line.split(MARK) for line in done.stdout.split("\n")]
    return [
        dict(zip(names, columns, strict=True)) for columns in lines if len(columns) == len(names)
    ]


def shown_by_us(path, kinds):
    """The messages by the frame that completed each, where a frame completed only one."""
    found: dict[int, list] = {}
    for item in open_capture(str(path), reader="native"):
        if isinstance(item, Observation) and not isinstance(item.message, Malformed):
            found.setdefault(item.frames[-1], []).append(item.message)
    return {
        frame: messages[0]
        for frame, messages in found.items()
        if len(messages) == 1 and isinstance(messages[0], kinds)
    }


def compare(theirs, ours, protocol, fields):
    """How many fields both show; each must be the same."""
    compared = 0
    for shown in theirs:
        message = ours.get(int(shown["frame.number"]))
        # A frame with several messages shows the values of all of them in one column.
        if message is None or not shown[protocol] or COMMA in shown[protocol]:
            continue
        for name, read in fields.items():
            # Of a repeated field tshark shows all values: the first one is that of the top.
            their, our = shown[name].split(COMMA)[0].strip(), read(message)
            if their and our:
                compared += 1
                assert our == their, f"frame {shown['frame.number']}: {name}"
    return compared


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_sip_and_msrp(path):
    theirs = shown_by_tshark(path)
    compared = compare(theirs, shown_by_us(path, (SipRequest, SipResponse)), "sip", SIP)
    compared += compare(theirs, shown_by_us(path, (MsrpRequest, MsrpResponse)), "msrp", MSRP)
    assert compared or path in OTHERS
