"""What is special in the scenarios of messages to other services."""

import shutil
import subprocess

import pytest

from conformance.body.sms import RpAck, RpData
from conformance.cpm.role import Role
from conformance.observation.content import Content
from conformance.reference.scenarios.catalogue import scenario
from conformance.reference.scenarios.interwork_out import LONG, TEXT
from conformance.reference.scenarios.scenario import play
from conformance.suite.simulation import octets_of
from tests.reference.scenarios.playing import Told, tell

PF, CORE, CLIENT, IWF, NONCPM = Role.PF, Role.CORE, Role.CLIENT, Role.IWF, Role.NONCPM


def told(name: str) -> Told:
    return tell(scenario("interwork-out", name))


def test_the_text_arrives():
    assert [one["text"] for one in told("base").notes("received")] == [TEXT]


def test_a_long_text_goes_out_in_parts_and_arrives_as_one():
    found = told("long-text")
    carried = [Content(m).sms for m in found.requests("MESSAGE", IWF, NONCPM)]
    assert sum(isinstance(one, RpData) for one in carried) == 3
    assert [one["text"] for one in found.notes("received")] == [LONG]


def test_a_telephones_acknowledgement_is_an_rp_ack():
    found = told("base")
    carried = [Content(m).sms for m in found.requests("MESSAGE", NONCPM, IWF)]
    assert [type(one) for one in carried] == [RpAck]


def test_a_delivery_report_comes_back_as_a_notification():
    found = told("delivery-reported").requests("MESSAGE", CORE, CLIENT)
    assert [b"<delivered/>" in one.body for one in found] == [True]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("user-prefers-text", "text/plain"),
        ("user-wants-text-only", "text/plain"),
        ("user-prefers-sms", "application/vnd.3gpp.sms"),
    ],
)
def test_the_service_is_the_one_that_the_user_prefers(name, content_type):
    sent = told(name).requests("MESSAGE", IWF, NONCPM)
    assert sent[-1].content_type == content_type


def test_what_comes_while_nobody_is_there_goes_by_the_other_service():
    found = told("recipient-unavailable")
    assert [one["text"] for one in found.notes("received")] == [TEXT]
    assert list(found.notes("deferred")) == []


@pytest.mark.parametrize(("name", "status"), [("unknown-404", 404), ("absent-480", 480)])
def test_a_refusal_of_the_other_side_comes_back(name, status):
    assert told(name).answers("MESSAGE", CORE, CLIENT) == [status]


def test_over_smpp_nothing_is_sip_beyond_the_gateway():
    found = told("smpp")
    assert found.requests("MESSAGE", IWF, NONCPM) == []
    assert len(list(found.notes("received"))) == 1


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_another_dissector_reads_the_submission_and_its_receipt(tmp_path):
    # given
    file = tmp_path / "smpp.pcapng"
    file.write_bytes(octets_of(play(scenario("interwork-out", "smpp"))))
    # when
    found = _fields(file, "smpp", "smpp.command_id", "smpp.source_addr", "smpp.destination_addr")
    # then
    commands = [int(line.split("\t")[0].split(",")[0], 16) for line in found]
    submit, submit_answer, deliver, deliver_answer = 0x4, 0x80000004, 0x5, 0x80000005
    assert {submit, submit_answer, deliver, deliver_answer} <= set(commands)
    assert commands.index(submit) < commands.index(deliver)
    assert any("15550177" in line for line in found)
    malformed = _fields(file, "_ws.malformed", "frame.number")
    assert malformed == []


def _fields(file, wanted, *names):
    options = [option for name in names for option in ("-e", name)]
    done = subprocess.run(
        ["tshark", "-r", str(file), "-Y", wanted, "-T", "fields", *options],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [line for line in done.stdout.splitlines() if line.strip()]
