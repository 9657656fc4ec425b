"""Finds, reads and keeps the flows and profiles of a folder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.flow.catalogue import check_across, requirements
from conformance.flow.compile import compile_flow
from conformance.flow.errors import LibraryError, did_you_mean
from conformance.flow.kept_trees import trees
from conformance.flow.profile import Profile, parse_profile
from conformance.flow.program import Program

DEFAULT_PROFILE = "cpm"


@dataclass(frozen=True, slots=True)
class Library:
    """The compiled flows by id, in the order of their ids, and the profiles by name."""

    folder: Path
    flows: Mapping[str, Program]
    profiles: Mapping[str, Profile]

    def flow(self, name: str) -> Program:
        """The flow with this id; LibraryError for an unknown one."""
        if name not in self.flows:
            hint = did_you_mean(name, self.flows) or f": there are {', '.join(self.flows)}"
            raise LibraryError(str(self.folder), 0, 0, f"there is no flow '{name}'{hint}")
        return self.flows[name]

    def profile(self, name: str) -> Profile:
        """The profile with this name, or of a TOML file; LibraryError when there is none."""
        if name in self.profiles:
            return self.profiles[name]
        path = Path(name)
        if path.suffix == ".toml":
            made = read_profile(path, self.folder)
            _check_relaxes(made, name, self.flows)
            return made
        hint = did_you_mean(name, self.profiles) or f": there are {', '.join(self.profiles)}"
        raise LibraryError(str(self.folder), 0, 0, f"there is no profile '{name}'{hint}")


def default_folder() -> Path:
    """`_flows` within an installed package, `flows` beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_flows"
    return installed if installed.is_dir() else package.parent / "flows"


def load(folder: Path | str | None = None) -> Library:
    """The library of a folder (default: the project's own), read once and kept.

    FlowError with file, line and column for a file that cannot be understood.
    """
    return _load(default_folder() if folder is None else Path(folder))


@cache
def _load(folder: Path) -> Library:
    if not folder.is_dir():
        raise LibraryError(str(folder), 0, 0, "there is no such folder of flows")
    flows: dict[str, Program] = {}
    for program in _programs(folder):
        if program.id in flows:
            first = flows[program.id].file
            raise LibraryError(
                program.file, 1, 1, f"the flow id '{program.id}' is taken by {first}"
            )
        flows[program.id] = program
    if not flows:
        raise LibraryError(str(folder), 0, 0, "this folder holds no .flow file")
    _check_replaces(flows)
    check_across(flows.values())
    ordered = {name: flows[name] for name in sorted(flows)}
    profiles = dict(_profiles(folder))
    for name, profile in profiles.items():
        _check_relaxes(profile, f"profiles/{name}.toml", flows)
    return Library(folder, ordered, profiles)


def _programs(folder: Path) -> Iterator[Program]:
    """The compiled flows of a folder; those of the project's own are kept as trees."""
    named = [(path, _shown(path, folder)) for path in sorted(folder.rglob("*.flow"))]
    if folder != default_folder():
        yield from (read_flow(path, folder) for path, _ in named)
        return
    texts = [(read_text(path, shown), shown) for path, shown in named]
    yield from map(compile_flow, trees(texts))


def _shown(path: Path, folder: Path) -> str:
    return f"flows/{path.relative_to(folder).as_posix()}"


def read_flow(path: Path, folder: Path | None = None) -> Program:
    """One compiled flow; its file is named relative to the folder that holds the library."""
    # Lark is loaded only for those who need it.
    from conformance.flow.syntax import parse

    shown = str(path) if folder is None else _shown(path, folder)
    return compile_flow(parse(read_text(path, shown), shown))


def read_profile(path: Path, folder: Path | None = None) -> Profile:
    """The profile of a TOML file; what it extends stands in the library or beside it."""
    library = (folder or default_folder()) / "profiles"
    return _read_profile(path, path.stem, library, ())


def read_text(path: Path, shown: str) -> str:
    """A file's text; LibraryError when it cannot be read or is no UTF-8."""
    try:
        return path.read_text("utf-8")
    except OSError as wrong:
        said = f"it cannot be read: {wrong.strerror or wrong}"
        raise LibraryError(shown, 0, 0, said) from None
    except UnicodeDecodeError:
        raise LibraryError(shown, 0, 0, "the file is no UTF-8 text") from None


def _check_replaces(flows: Mapping[str, Program]) -> None:
    for program in flows.values():
        if program.replaces and program.replaces not in flows:
            hint = did_you_mean(program.replaces, flows)
            raise LibraryError(
                program.file, 0, 0, f"it replaces '{program.replaces}', which is no flow{hint}"
            )


def _check_relaxes(profile: Profile, file: str, flows: Mapping[str, Program]) -> None:
    """A relaxation of nothing is a slip; one of the project's own flows may be left out here."""
    if not profile.relaxes:
        return
    known = {one.id for program in flows.values() for one in requirements(program)}
    for relaxation in profile.relaxes:
        flow = relaxation.id.partition("/")[0]
        if relaxation.id not in known and ("/" not in relaxation.id or flow in flows):
            hint = did_you_mean(relaxation.id, known)
            raise LibraryError(
                file, 0, 0, f"it relaxes '{relaxation.id}', which is no requirement{hint}"
            )


def _profiles(folder: Path) -> Iterator[tuple[str, Profile]]:
    place = folder / "profiles"
    found = False
    for path in sorted(place.glob("*.toml")):
        found = found or path.stem == DEFAULT_PROFILE
        yield path.stem, _read_profile(path, path.stem, place, ())
    if not found:
        yield DEFAULT_PROFILE, Profile()


def _read_profile(path: Path, name: str, place: Path, above: tuple[str, ...]) -> Profile:
    def base(other: str) -> Profile:
        if other in (*above, name):
            raise LibraryError(str(path), 0, 0, f"the profile '{other}' extends itself")
        file = place / f"{other}.toml"
        if not file.is_file():
            if other == DEFAULT_PROFILE:
                return Profile()
            known = [found.stem for found in place.glob("*.toml")]
            hint = did_you_mean(other, known)
            raise LibraryError(str(path), 0, 0, f"it extends '{other}', which is no profile{hint}")
        return _read_profile(file, other, place, (*above, name))

    return parse_profile(read_text(path, str(path)), str(path), name, base)
