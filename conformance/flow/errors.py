"""What is wrong with a flow file or a profile, and where."""

from collections.abc import Iterable
from difflib import get_close_matches


class FlowError(Exception):
    """A file of the user's that says something impossible.

    `line` and `column` count from 1; 0 when the place is not known. `source` is the line's text.
    """

    def __init__(self, file: str, line: int, column: int, sentence: str, source: str = "") -> None:
        super().__init__(f"{file}:{line}:{column}: {sentence}")
        self.file = file
        self.line = line
        self.column = column
        self.sentence = sentence
        self.source = source

    def __reduce__(self) -> tuple[type["FlowError"], tuple[str, int, int, str, str]]:
        return type(self), (self.file, self.line, self.column, self.sentence, self.source)

    def render(self) -> str:
        """`file:line:column: sentence`, the line of the file, and a caret below the place."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        head = f"{place}: {self.sentence}"
        if not self.source:
            return head
        shown = self.source.expandtabs(1)
        caret = " " * (max(self.column, 1) - 1) + "^"
        return f"{head}\n    {shown}\n    {caret}"


class FlowSyntaxError(FlowError):
    """A flow file that the grammar does not accept."""


class FlowSemanticError(FlowError):
    """A flow file that parses and yet cannot mean anything."""


class ProfileError(FlowError):
    """A profile with an unknown key or a value of the wrong kind."""


class LibraryError(FlowError):
    """A folder without flows, or files that contradict one another."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` when a known word is close, else nothing."""
    candidates = {name.lower(): name for name in sorted(known)}
    close = get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return f" (did you mean '{candidates[close[0]]}'?)" if close else ""
