import json
from dataclasses import replace

from conformance.report import encode
from conformance.report.model import OpinionResult
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import compared_report, silent_pf
from tests.report.samples import capture, failed_pull, report


def test_an_instance_has_the_published_names() -> None:
    made = encode.instance(failed_pull())
    assert made["coverage"] == {"seen": 5, "printed": 13}
    step = made["steps"][1]
    assert (step["from"], step["to"], step["status"]) == ("client", "core", "observed")
    assert step["frames"] == [{"capture": 0, "frame": 1, "time": "2026-03-02T09:00:00.010000000Z"}]
    finding = made["findings"][0]
    assert finding["role_at_fault"] == "pf"
    assert finding["flow_file"].endswith(".flow")


def test_octets_are_text_or_base64() -> None:
    line = failed_pull().ladder[0]
    assert "SUBSCRIBE" in encode.shown(line)["text"]
    made = encode.shown(replace(line, octets=b"\xff\xfe"))
    assert made["base64"] == "//4="
    assert "text" not in made


def test_text_of_the_wire_is_made_legible() -> None:
    bad = replace(failed_pull(), summary="\x1b[0m\udce9")
    text = json.dumps(encode.instance(bad), ensure_ascii=False)
    assert "\\\\x1b[0m\\\\xe9" in text
    text.encode()


def test_a_capture_without_packets_has_no_times() -> None:
    made = encode.capture(replace(capture(), first_time=None, last_time=None))
    assert made["first_time"] is None


def test_an_absent_flow_is_a_failure() -> None:
    absent, met = (encode.expected(one) for one in report().expected)
    assert (absent["verdict"], absent["reason_code"]) == (Verdict.FAIL, "expected-absent")
    assert (met["verdict"], met["nearest"]) == (Verdict.PASS, None)


def test_counts_come_in_the_order_of_badness() -> None:
    made = encode.counts({Verdict.FAIL: 2, Verdict.PASS: 1, Verdict.NONE: 0})
    assert list(made) == ["pass", "fail"]


def test_a_traceback_stays_out_of_the_report() -> None:
    made = encode.fault(replace(report().faults[0], traceback="File /home/somebody"))
    assert "somebody" not in json.dumps(made)


def test_an_opinion_has_its_place_beside_the_flow() -> None:
    made = encode.opinion(compared_report().opinions[1])
    assert made["instance"] == "push-pager-1"
    assert (made["flow_verdict"], made["captures"]) == ("pass", [0])
    assert (made["role"], made["kind"], made["verdict"]) == ("pf", "otherwise", "fail")
    assert made["differences"][1] == {
        "field": "sdp.setup",
        "expected": "active",
        "observed": "actpass",
        "hard": False,
    }


def test_an_opinion_quotes_the_wire_legibly() -> None:
    bad = replace(silent_pf(), did="\x1b[2J", choice="\u202e", call_ids=("\x00",))
    text = json.dumps(encode.opinion(OpinionResult(bad)), ensure_ascii=False)
    assert "\\x1b" in text
    assert "\u202e" not in text
