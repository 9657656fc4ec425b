from pathlib import Path

import pytest

from conformance.flow.errors import FlowError, FlowSyntaxError, LibraryError
from conformance.flow.library import default_folder, load, read_flow, read_profile
from tests.flow.sample import ANSWER, HEAD, INVITE


def flow(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.flow"
    path.write_text(text, "utf-8")
    return path


def test_the_project_s_own_library() -> None:
    library = load()
    assert len(library.flows) == 9
    assert list(library.profiles) == ["cpm", "rcs"]
    assert load() is library
    assert library.folder == default_folder()


def test_unknown_names_are_refused_with_a_hint() -> None:
    with pytest.raises(LibraryError, match="did you mean 'push-pager'"):
        load().flow("push-pagr")
    with pytest.raises(LibraryError, match="no profile 'rsc'"):
        load().profile("rsc")


def test_a_profile_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "rcs"\nnotify = 5\n', "utf-8")
    profile = load().profile(str(path))
    assert (profile.name, profile.notify) == ("mine", 5.0)
    assert profile.relaxes_order("interwork-out/7-8")
    assert read_profile(path) == profile


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('extends = "own"', "extends itself"),
        ('extends = "nothing"', "which is no profile"),
    ],
)
def test_a_profile_that_extends_wrongly(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(LibraryError, match=sentence):
        read_profile(path)


def test_a_profile_that_relaxes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('relaxes = [{id = "pull/4-6", part = "step", because = "so"}]', "utf-8")
    with pytest.raises(LibraryError, match="did you mean 'pull/"):
        load().profile(str(path))


def test_a_folder_of_one_s_own(tmp_path: Path) -> None:
    flow(tmp_path, "x", HEAD + INVITE + ANSWER)
    library = load(tmp_path)
    assert list(library.flows) == ["x"]
    assert library.flows["x"].file == "flows/x.flow"
    assert list(library.profiles) == ["cpm"]


def test_wrong_folders(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no such folder"):
        load(tmp_path / "none")
    with pytest.raises(LibraryError, match=r"no \.flow file"):
        load(tmp_path)


def test_two_files_with_one_id(tmp_path: Path) -> None:
    flow(tmp_path, "a", HEAD + INVITE + ANSWER)
    flow(tmp_path, "b", HEAD + INVITE + ANSWER)
    with pytest.raises(LibraryError, match="is taken by"):
        load(tmp_path)


def test_replacing_nothing(tmp_path: Path) -> None:
    flow(tmp_path, "a", HEAD.replace("  roles", "  replaces y\n  roles") + INVITE + ANSWER)
    with pytest.raises(LibraryError, match="which is no flow"):
        load(tmp_path)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="No such file"):
        read_flow(tmp_path / "none.flow")
    path = tmp_path / "x.flow"
    path.write_bytes(b"flow \xff")
    with pytest.raises(LibraryError, match="no UTF-8"):
        read_flow(path)
    with pytest.raises(FlowSyntaxError):
        read_flow(flow(tmp_path, "y", "flow"))
    with pytest.raises(FlowError):
        load(tmp_path)
