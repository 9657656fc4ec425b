import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report.place import ReportError
from conformance.report.read_json import read_json
from conformance.report.render_console import write_console
from conformance.report.render_html import write_html
from conformance.report.render_json import write_json
from conformance.report.render_junit import write_junit
from tests.report.opinion_samples import compared_report
from tests.report.samples import report


def written() -> str:
    file = StringIO()
    write_json(report(), file)
    return file.getvalue()


TEXT = written()


def test_a_report_comes_back_whole() -> None:
    assert read_json(TEXT) == report()


@pytest.mark.parametrize(
    "text", ["", "no", "[", "[" * 100_000, "[]", "{}", '{"schema": "other/2"}', "3"]
)
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ReportError):
        read_json(text)


def test_another_schema_is_named() -> None:
    with pytest.raises(
        ReportError, match="cpmspec-report/1 is expected, this is cpmspec-report/2"
    ):
        read_json(TEXT.replace("cpmspec-report/1", "cpmspec-report/2"))


def test_a_wrong_value_is_refused_with_its_place() -> None:
    value = json.loads(TEXT)
    value["instances"][0]["findings"][0]["line"] = "31"
    with pytest.raises(ReportError, match=r"^instances\[0\]\.findings\[0\]\.line: "):
        read_json(json.dumps(value))


def test_fields_added_later_do_no_harm() -> None:
    value = json.loads(TEXT)
    value["later"] = 1
    value["instances"][0]["later"] = {"a": []}
    assert read_json(json.dumps(value)) == report()


VALUES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({})
)


@given(st.data(), VALUES)
def test_any_damage_is_refused_or_can_be_shown(data, value) -> None:
    """Whatever stands in the place of whatever: no other exception."""
    root = json.loads(TEXT)
    at = root
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            at[key] = value
            break
        at = inner
    try:
        made = read_json(json.dumps(root))
    except ReportError:
        return
    for write in (write_html, write_junit, write_console, write_json):
        write(made, StringIO())


def test_a_compared_report_comes_back_whole() -> None:
    file = StringIO()
    write_json(compared_report(), file)
    assert read_json(file.getvalue()) == compared_report()
