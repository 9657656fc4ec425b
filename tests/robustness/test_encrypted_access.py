"""A client behind IPsec: with its keys a flow is judged as in clear text, without none fails."""

import shutil

import pytest

from conformance.capture.link import Link
from conformance.capture.packets import link_frame
from conformance.capture.writer import PcapWriter
from conformance.report.spool import Spool
from conformance.suite.campaign import Stamp, run
from conformance.suite.repackage import unpack
from conformance.suite.setting import Setting
from conformance.verifier.verdict import Reason, Verdict
from tests.capture.encrypted import association, esp
from tests.scenarios import catalogue
from tests.verifying import role_rules

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]
TIME = 16


def encrypted(ladder, folder, *, after):
    """The ladder's capture, the client's own frames in ESP but for the first ones."""
    clear = folder / "clear.pcap"
    ladder.write_pcap(clear)
    octets = clear.read_bytes()
    client = {shot.source.host for shot in ladder.shots if shot.sender == "client"}
    path, seen = folder / "sealed.pcap", 0
    with path.open("wb") as file:
        writer = PcapWriter(file, link=Link.ETHERNET)
        for frame in unpack("c", octets).frames:
            record = octets[frame.start - TIME : frame.start]
            seconds, rest = (int.from_bytes(record[at : at + 4], "little") for at in (0, 4))
            whole = octets[frame.start : frame.stop]
            packet = whole[14:]
            hosts = {".".join(map(str, packet[at : at + 4])) for at in (12, 16)}
            if packet[0] >> 4 == 4 and hosts & client:
                seen += 1
                whole = link_frame(esp(packet, seen)) if seen > after else whole
            writer.write(seconds * 1_000_000_000 + rest, whole)
    assert seen > after
    return path


def judged(path, ladder, **more):
    setting = Setting(roles=tuple(role_rules(ladder)), everything=True, **more)
    with Spool() as spool:
        report = run([str(path)], setting, spool, Stamp(""))
        assert report.faults == ()
        return report.verdict, [
            (one.id, one.verdict, one.reason_code, [found.requirement for found in one.findings])
            for one in spool
        ]


@pytest.mark.parametrize(
    ("kind", "flow", "name", "after"),
    [
        ("VARIANTS", "push-pager", "base", 0),
        ("VARIANTS", "pull", "base", 2),
        ("BREAKS", "push-pager", "silent-at-4", 2),
    ],
)
def test_with_and_without_keys(kind, flow, name, after, tmp_path):
    ladder = catalogue.ladder(kind, flow, name)
    path = encrypted(ladder, tmp_path, after=after)
    keys = tmp_path / "esp_sa"
    keys.write_text(association("*", "*"))
    clear = judged(tmp_path / "clear.pcap", ladder)
    assert clear[0] is (Verdict.PASS if kind == "VARIANTS" else Verdict.FAIL)
    assert judged(path, ladder, esp_keys=str(keys)) == clear
    for reader in ("native", "tshark"):
        verdict, instances = judged(path, ladder, reader=reader)
        assert verdict in (Verdict.INCONC, Verdict.PASS, Verdict.NONE), instances
        assert not [reason for _, _, reason, _ in instances if reason is Reason.POLICY_UNKNOWN]
