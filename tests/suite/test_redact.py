import json
from dataclasses import replace
from io import StringIO

import pytest

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint
from conformance.observation.topology import RoleRule
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Trace
from conformance.report.render_json import write_json
from conformance.report.spool import Spool
from conformance.suite.campaign import Stamp, run
from conformance.suite.errors import ConformanceError
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.redact import Pieces, Redaction, credentials_hidden
from conformance.suite.setting import Setting
from tests.laws.samples import label, named, spread
from tests.msrp.samples import PATHS, of
from tests.scenarios import catalogue
from tests.verifying import role_rules, said, verify

KEY = bytes(range(32))
KINDS = ("VARIANTS", "BREAKS", "INCONCLUSIVE", "ORDINARY")


def redaction():
    return Redaction(Pseudonyms(KEY))


def outcome(judged):
    """What a verdict rests on, without any name."""
    return judged.judge.unrelated, [
        (
            (one.id, one.also, one.verdict, one.reason_code, one.seen, one.printed),
            [(f.requirement, f.verdict, f.frames, f.role_at_fault) for f in one.findings],
        )
        for one in judged.results
    ]


@pytest.mark.parametrize("which", list(spread(named(*KINDS), 12, "redact")), ids=label)
@pytest.mark.parametrize("roles", ["given", "inferred"])
def test_a_trace_in_disguise_is_judged_alike(which, roles):
    ladder = catalogue.ladder(*which)
    found = redaction()
    rules = tuple(role_rules(ladder)) if roles == "given" else ()
    before = verify(ladder.trace(), rules=rules)
    source = found.source("one", ladder.trace)
    after = verify(Trace(list(source), source.health), rules=found.rules(rules))
    assert outcome(after) == outcome(before), "\n".join([*said(before), *said(after)])


def test_no_report_holds_what_is_hidden(tmp_path):
    ladder = catalogue.ladder(*named("BREAKS")[0])
    path = tmp_path / "c.pcapng"
    ladder.write_pcapng(path)
    found = redaction()
    setting = Setting(
        redaction=found, roles=found.rules(tuple(role_rules(ladder))), everything=True
    )
    with Spool() as spool, Spool() as other:
        report = run([str(path)], setting, spool, Stamp("1"))
        plain = run([str(path)], Setting(roles=tuple(role_rules(ladder))), other, Stamp("1"))
        text = StringIO()
        write_json(report, text)
    assert report.verdict is plain.verdict
    shown = text.getvalue()
    assert json.loads(shown)["instances"]
    hosts = {end.host for shot in ladder.shots for end in (shot.source, shot.destination)}
    for host in hosts - {found.pseudonyms.address(host) for host in hosts}:
        assert f"{host}:" not in shown
    for gone in ("home-a.example", "home-b.example", "15550100", "15550142"):
        assert gone not in shown


def chunk(start, body, flag, number="m1", transaction="t123"):
    lines = [f"MSRP {transaction} SEND", *(f"{name}: {value}" for name, value in PATHS)]
    lines += [f"Message-ID: {number}", f"Byte-Range: {start}-{start + len(body) - 1}/11"]
    lines += ["Content-Type: text/plain", "", body, f"-------{transaction}{flag}", ""]
    return of("\r\n".join(lines).encode())


def test_a_word_across_chunks_is_one_word():
    disguised = redaction().disguised
    pieces = Pieces(disguised.disguise)
    whole = chunk(1, "hello alice", "$")
    halves = [chunk(1, "hello al", "+"), chunk(9, "ice", "$")]
    for one in (whole, *halves):
        pieces.add(one)
    pieces.finish()
    found = b"".join(disguised.message(one, pieces.body_of(one)).body for one in halves)
    assert pieces.body_of(whole) is None
    assert found == disguised.message(whole).body
    lost = chunk(20, "alice", "$")
    assert b"alice" not in disguised.message(lost, pieces.body_of(lost)).body


def test_gaps_and_interfaces():
    end, other = Endpoint("10.0.1.10", 5060), Endpoint("2001:db8::9", 5062)
    gap = Gap(1, 2, 0, f"octets are missing from {end} to {other}", GapReason.TCP_HOLE, end, other)
    nowhere = replace(gap, where="the file is cut", source=None, destination=None)
    health = CaptureHealth("c", "native", gaps=[gap, nowhere], interfaces=["eth0:1"])
    found = redaction()
    source = found.source("c", lambda: Trace([gap, nowhere], health))
    items = list(source)
    changed = found.pseudonyms.endpoint(end)
    assert items[0].source == changed
    assert str(changed) in items[0].where
    assert "10.0.1.10" not in items[0].where
    assert items[1].where == "the file is cut"
    assert source.health.gaps == items
    assert source.health.interfaces[0].endswith(":1")
    assert "eth0" not in source.health.interfaces[0]


def test_what_the_user_gives():
    found = redaction()
    assert found.text("sip:alice@h").startswith("sip:")
    with pytest.raises(ConformanceError, match="inside a group"):
        found.rules((RoleRule(Role.CORE, "2001:db8::/33"),))


def test_credentials_are_in_no_report_at_all():
    shown = 0
    asked = [name for name in named("VARIANTS") if name[2] == "challenged"]
    for name in (*asked, *spread(named("VARIANTS"), 6, "credentials")):
        for one in verify(catalogue.ladder(*name)).results:
            for before, line in zip(one.ladder, credentials_hidden(one).ladder, strict=True):
                assert len(line.octets) == len(before.octets)
                shown += b'response="' in before.octets
                assert b'response="' not in line.octets or b'response="xx' in line.octets
    assert shown


def test_what_holds_no_credentials_stays_itself():
    (one, *_) = verify(catalogue.ladder(*named("VARIANTS")[0])).results
    plain = replace(one, ladder=one.ladder[-1:])
    assert credentials_hidden(plain) is plain
