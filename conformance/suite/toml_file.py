"""Reading TOML files of the user: every wrong key or value is refused with its place."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from conformance.flow.errors import did_you_mean
from conformance.suite.errors import ConformanceError

Table = dict[str, object]


def read_toml(path: str) -> Table:
    """The table that a file holds."""
    try:
        return tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConformanceError(f"it cannot be read: {reason}", path) from None
    except UnicodeDecodeError:
        raise ConformanceError("it is no TOML: not UTF-8", path) from None
    except tomllib.TOMLDecodeError as error:
        raise ConformanceError(f"it is no TOML: {error}", path) from None
    except RecursionError:
        sentence = "it is no TOML of ours: values lie too deep inside one another"
        raise ConformanceError(sentence, path) from None


def only(table: Table, known: Iterable[str], place: str) -> None:
    """Refuse keys that nobody reads: they would be taken for settings that hold."""
    names = list(known)
    for key in table:
        if key not in names:
            raise ConformanceError(f"unknown key '{key}'{did_you_mean(key, names)}", place)


def text(table: Table, key: str, place: str, default: str = "") -> str:
    """A text; the default where it is absent."""
    value = table.get(key, default)
    if not isinstance(value, str):
        raise ConformanceError(f"{key} must be a text", place)
    return value


def flag(table: Table, key: str, place: str) -> bool:
    """True or false; false where it is absent."""
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ConformanceError(f"{key} must be true or false", place)
    return value


def texts(table: Table, key: str, place: str) -> tuple[str, ...]:
    """A list of texts, or one text alone; empty where it is absent."""
    value = table.get(key, [])
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise ConformanceError(f"{key} must be a list of texts", place)
    found = tuple(item for item in value if isinstance(item, str))
    if len(found) != len(value):
        raise ConformanceError(f"{key} must be a list of texts", place)
    return found


def subtable(table: Table, key: str, place: str) -> Table:
    """A table within; empty where it is absent."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ConformanceError(f"[{key}] must be a table", place)
    return value
