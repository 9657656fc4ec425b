import pytest

from conformance.suite import toml_file
from conformance.suite.errors import ConformanceError


def test_a_file_is_read(tmp_path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('profile = "rcs"\n[roles]\npf = "10.0.3.1"\n')
    table = toml_file.read_toml(str(path))
    assert toml_file.text(table, "profile", "p") == "rcs"
    assert toml_file.texts(toml_file.subtable(table, "roles", "p"), "pf", "p") == ("10.0.3.1",)
    assert toml_file.subtable(table, "none", "p") == {}


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [(b"a = ", "it is no TOML"), (b"\xff", "not UTF-8"), (None, "it cannot be read")],
)
def test_a_wrong_file_is_refused_with_its_name(tmp_path, octets, sentence) -> None:
    path = tmp_path / "a.toml"
    if octets is not None:
        path.write_bytes(octets)
    with pytest.raises(ConformanceError, match=sentence) as refused:
        toml_file.read_toml(str(path))
    assert refused.value.place == str(path)


def test_unknown_keys_are_refused_with_a_hint() -> None:
    with pytest.raises(
        ConformanceError, match=r"unknown key 'profil' \(did you mean 'profile'\?\)"
    ):
        toml_file.only({"profil": 1}, ["profile"], "a.toml")


@pytest.mark.parametrize(
    ("read", "sentence"),
    [
        (lambda: toml_file.text({"a": 1}, "a", "p"), "a must be a text"),
        (lambda: toml_file.flag({"a": "yes"}, "a", "p"), "a must be true or false"),
        (lambda: toml_file.texts({"a": 1}, "a", "p"), "a must be a list of texts"),
        (lambda: toml_file.texts({"a": ["x", 1]}, "a", "p"), "a must be a list of texts"),
        (lambda: toml_file.subtable({"a": 1}, "a", "p"), r"\[a\] must be a table"),
    ],
)
def test_wrong_values_are_refused(read, sentence) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        read()


def test_values_too_deep_inside_one_another(tmp_path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text("a = " + "[" * 5_000)
    with pytest.raises(ConformanceError, match="too deep"):
        toml_file.read_toml(str(path))
