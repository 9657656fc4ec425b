import pytest

from conformance.reference.preferences.rules import Disposal
from conformance.suite.errors import ConformanceError
from conformance.suite.preferences import read_preferences

HEAD = '<user-preferences xmlns="urn:oma:xml:cpm:user-preferences">'
GOOD = (
    f'{HEAD}<profile id="home"><message-handling><when-unavailable><do>store</do>'
    "</when-unavailable></message-handling></profile></user-preferences>"
)


def test_a_file_of_preferences_is_read(tmp_path) -> None:
    path = tmp_path / "alice.xml"
    path.write_text(GOOD)
    (profile,) = read_preferences(str(path)).profiles
    assert profile.when_unavailable == (Disposal.STORE,)


@pytest.mark.parametrize(
    "text", ["", "no", "<other/>", f"{HEAD}<profile/></user-preferences>", GOOD[:-9]]
)
def test_what_holds_none_is_refused_with_its_file(tmp_path, text) -> None:
    path = tmp_path / "wrong.xml"
    path.write_text(text)
    with pytest.raises(ConformanceError) as refused:
        read_preferences(str(path))
    said = str(refused.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said


def test_a_file_that_is_absent_or_a_folder_is_told_in_words(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "absent.xml"):
        with pytest.raises(ConformanceError, match=rf"^{path}: it cannot be read: [A-Z]"):
            read_preferences(str(path))
