import pytest

from conformance.report.place import Place, ReportError
from conformance.verifier.verdict import Verdict

TABLE = {
    "text": "a",
    "number": 3,
    "flag": True,
    "null": None,
    "list": ["a", "b"],
    "time": "2026-03-02T09:00:00Z",
    "verdict": "fail",
    "inner": {"deep": [{"x": 1}]},
}


def test_values_are_read_by_type() -> None:
    at = Place(TABLE)
    assert at.text("text") == "a"
    assert at.number("number") == 3
    assert at.flag("flag")
    assert at.texts("list") == ("a", "b")
    assert at.time("time") == 1_772_442_000_000_000_000
    assert at.time_or_none("null") is None
    assert at.choice("verdict", Verdict) is Verdict.FAIL
    assert at.choice_or_none("null", Verdict) is None
    assert [name for name, _ in at.at("inner").members()] == ["deep"]


def test_absent_values_have_their_defaults() -> None:
    at = Place(TABLE)
    assert at.text("absent", "d") == "d"
    assert at.number("absent", 7) == 7
    assert not at.flag("absent")
    assert at.texts("absent") == ()


@pytest.mark.parametrize(
    ("read", "where"),
    [
        (lambda at: at.text("absent"), "absent"),
        (lambda at: at.text("number"), "number"),
        (lambda at: at.number("text"), "text"),
        (lambda at: at.number("flag"), "flag"),
        (lambda at: at.flag("text"), "text"),
        (lambda at: at.texts("text"), "text"),
        (lambda at: at.time("text"), "text"),
        (lambda at: at.choice("text", Verdict), "text"),
        (lambda at: at.choice("list", Verdict), "list"),
        (lambda at: at.at("text").at("x"), "text"),
        (lambda at: at.at("inner").each("deep", lambda one: one.text("x")), "inner.deep[0].x"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(read, where) -> None:
    with pytest.raises(ReportError) as refused:
        read(Place(TABLE))
    assert refused.value.where == where
    assert str(refused.value).startswith(f"{where}: ")


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(ReportError, match="an object is expected"):
        Place([]).text("x")
