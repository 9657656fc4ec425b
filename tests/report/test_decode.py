import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report import decode, encode
from conformance.report.legible import legible
from conformance.report.place import Place, ReportError
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import compared_report
from tests.report.samples import (
    CLOSING,
    capture,
    cut_pager,
    failed_pull,
    joined,
    passed_pager,
    report,
)


def again(made: object) -> Place:
    return Place(json.loads(json.dumps(made)))


@pytest.mark.parametrize("instance", [failed_pull(), passed_pager(), cut_pager()])
def test_an_instance_comes_back_whole(instance) -> None:
    assert decode.instance(again(encode.instance(instance))) == instance


def test_who_closed_a_connection_comes_back() -> None:
    made = encode.instance(replace(failed_pull(), closings=(CLOSING,)))
    assert decode.instance(again(made)).closings == (CLOSING,)
    assert "closings" not in encode.instance(failed_pull())


@given(st.binary(max_size=200))
def test_octets_come_back_as_they_were(octets: bytes) -> None:
    line = replace(failed_pull().ladder[0], octets=octets)
    assert decode.shown(again(encode.shown(line))).octets == octets


@given(st.text())
def test_texts_come_back_legible(text: str) -> None:
    found = decode.instance(again(encode.instance(replace(passed_pager(), summary=text))))
    assert found.summary == legible(text)


def test_everything_else_comes_back_whole() -> None:
    made = report()
    assert decode.capture(again(encode.capture(capture()))) == capture()
    for each in joined().captures:
        assert decode.capture(again(encode.capture(each))) == each
    for flow in made.flows:
        assert decode.flow(again(encode.flow(flow))) == flow
    for requirement in made.requirements:
        assert decode.requirement(again(encode.requirement(requirement))) == requirement
    for device in made.devices:
        assert decode.device(again(encode.device(device))) == device
    for wanted in made.expected:
        assert decode.expected(again(encode.expected(wanted))) == wanted
    for row in made.index:
        assert decode.index(again(encode.index(row))) == row
    for fault in made.faults:
        assert decode.fault(again(encode.fault(fault))) == fault


def test_wrong_base64_is_refused() -> None:
    made = encode.shown(replace(failed_pull().ladder[0], octets=b"\xff"))
    made["base64"] = "a"
    with pytest.raises(ReportError, match="base64"):
        decode.shown(again(made))


def test_only_what_the_contract_has_is_needed() -> None:
    made = encode.instance(failed_pull())
    for extra in ("title", "user", "call_ids", "judged", "notes", "repair", "ladder"):
        del made[extra]
    found = decode.instance(again(made))
    assert found.id == "pull-1"
    assert found.ladder == ()


def test_an_opinion_comes_back_equal() -> None:
    for one in compared_report().opinions:
        assert decode.opinion(Place(encode.opinion(one))) == one


def test_an_opinion_of_an_older_report_has_no_flow_verdict() -> None:
    made = encode.opinion(compared_report().opinions[1])
    del made["flow_verdict"], made["captures"]
    read = decode.opinion(Place(made))
    assert (read.flow_verdict, read.captures) == (Verdict.NONE, ())


def test_a_wrong_kind_of_opinion_is_refused_with_its_place() -> None:
    made = encode.opinion(compared_report().opinions[0]) | {"kind": "worse"}
    with pytest.raises(ReportError, match=r"^kind: one of otherwise, unexpected, silence"):
        decode.opinion(Place(made))
