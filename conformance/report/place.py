"""Reading JSON values with their place, so that a wrong report is refused with a clear line."""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import TypeVar

from conformance.report.instant import from_text

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class ReportError(Exception):
    """A text that is no report: where (`instances[3].verdict`), and a sentence."""

    def __init__(self, where: str, sentence: str) -> None:
        super().__init__(f"{where}: {sentence}" if where else sentence)
        self.where = where
        self.sentence = sentence


class Place:
    """A JSON value and the path that leads to it; each reading checks the type."""

    __slots__ = ("value", "where")

    def __init__(self, value: object, where: str = "") -> None:
        self.value = value
        self.where = where

    def refuse(self, sentence: str) -> ReportError:
        """The error that names this place."""
        return ReportError(self.where, sentence)

    def has(self, name: str) -> bool:
        """Whether the object holds a value under this name, null not counted."""
        return self._object().get(name) is not None

    def at(self, name: str) -> "Place":
        """A member of the object."""
        members = self._object()
        where = f"{self.where}.{name}" if self.where else name
        if name not in members:
            raise ReportError(where, "is missing")
        return Place(members[name], where)

    def text(self, name: str, default: str | None = None) -> str:
        """A text; an absent one is the default where there is one."""
        if default is not None and not self.has(name):
            return default
        return self.at(name).as_text()

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        if default is not None and not self.has(name):
            return default
        return self.at(name).as_number()

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        if not self.has(name):
            return default
        place = self.at(name)
        if not isinstance(place.value, bool):
            raise place.refuse("true or false is expected")
        return place.value

    def time(self, name: str) -> int:
        """An RFC 3339 date-time, in ns UTC."""
        place = self.at(name)
        time = from_text(place.as_text())
        if time is None:
            raise place.refuse("a date and time (RFC 3339) is expected")
        return time

    def time_or_none(self, name: str) -> int | None:
        """An RFC 3339 date-time, or null."""
        return self.time(name) if self.has(name) else None

    def choice(self, name: str, kind: type[E]) -> E:
        """A member of the enumeration."""
        return self.at(name).as_choice(kind)

    def choice_or_none(self, name: str, kind: type[E]) -> E | None:
        """A member of the enumeration, or null."""
        return self.choice(name, kind) if self.has(name) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; an absent one is empty."""
        return self.each(name, Place.as_text)

    def each(self, name: str, read: Callable[["Place"], T]) -> tuple[T, ...]:
        """A list, each member read so; an absent one is empty."""
        if not self.has(name):
            return ()
        place = self.at(name)
        if not isinstance(place.value, list):
            raise place.refuse("a list is expected")
        return tuple(
            read(Place(value, f"{place.where}[{number}]"))
            for number, value in enumerate(place.value)
        )

    def members(self) -> Iterator[tuple[str, "Place"]]:
        """Every member of the object, with its name."""
        for name in self._object():
            yield name, self.at(name)

    def as_text(self) -> str:
        """Read the value as a text."""
        if not isinstance(self.value, str):
            raise self.refuse("a text is expected")
        return self.value

    def as_number(self) -> int:
        """Read the value as a whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.refuse("a whole number is expected")
        return self.value

    def as_choice(self, kind: type[E]) -> E:
        """Read the value as a member of the enumeration."""
        try:
            return kind(self.value)
        except ValueError:
            allowed = ", ".join(str(member.value) for member in kind)
            raise self.refuse(f"one of {allowed} is expected") from None

    def _object(self) -> dict[str, object]:
        if not isinstance(self.value, dict):
            raise self.refuse("an object is expected")
        return self.value
