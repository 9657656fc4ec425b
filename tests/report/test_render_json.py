import json
from dataclasses import replace
from io import StringIO

from jsonschema import Draft202012Validator

from conformance.report.model import Report
from conformance.report.render_json import pieces, schema, write_json
from tests.report.opinion_samples import compared_report
from tests.report.samples import CLOSING, failed_pull, passed_pager, report

VALIDATOR = Draft202012Validator(json.loads(schema()))


def text(made: Report) -> str:
    file = StringIO()
    write_json(made, file)
    return file.getvalue()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(schema()))


def test_every_report_obeys_the_schema() -> None:
    for made in (
        report(),
        report(full=False),
        report(failed_pull()),
        report(passed_pager(b"\xff")),
        report(replace(failed_pull(), closings=(CLOSING,))),
    ):
        VALIDATOR.validate(json.loads(text(made)))


def test_the_schema_refuses_what_is_missing_or_retyped() -> None:
    value = json.loads(text(report()))
    assert not VALIDATOR.is_valid({**value, "verdict": "perhaps"})
    assert not VALIDATOR.is_valid({key: value[key] for key in value if key != "instances"})
    value["captures"][0]["packets"] = "many"
    assert not VALIDATOR.is_valid(value)
    value = json.loads(text(report(replace(failed_pull(), closings=(CLOSING,)))))
    del value["instances"][0]["closings"][0]["frame"]
    assert not VALIDATOR.is_valid(value)


def test_the_schema_knows_every_field_that_is_written() -> None:
    """A field that the schema does not describe is not published."""
    value = json.loads(text(report()))
    root = json.loads(schema())
    assert set(value) <= set(root["properties"])
    names = {
        "instances": "instance",
        "captures": "capture",
        "requirements": "requirement",
        "devices": "device",
    }
    for name, definition in names.items():
        known = set(root["$defs"][definition]["properties"])
        for item in value[name]:
            assert set(item) <= known


def test_it_comes_in_pieces() -> None:
    assert sum('"pull-1", "flow"' in piece for piece in pieces(report())) == 1


def test_equal_reports_give_equal_octets(golden) -> None:
    assert text(report()) == text(report())
    golden("report.json", text(report()))


def test_a_report_without_instances_is_json_too() -> None:
    from dataclasses import replace

    value = json.loads(text(replace(report(), instances=())))
    assert value["instances"] == []


def test_opinions_have_their_golden_file(golden) -> None:
    golden("opinions.json", text(compared_report()))


def test_opinions_are_as_the_schema_has_them() -> None:
    value = json.loads(text(compared_report()))
    VALIDATOR.validate(value)
    assert (value["compared"], value["preferences"]) == (True, "lab/alice.xml")
    for name in ("instance", "role", "kind", "differences", "time"):
        worse = {key: found for key, found in value["opinions"][0].items() if key != name}
        assert not VALIDATOR.is_valid({**value, "opinions": [worse]})
