"""Text to syntax tree: the only module that knows Lark."""

from collections.abc import Iterator
from functools import cache
from importlib import resources

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from lark.indenter import Indenter

from conformance.flow.builder import Builder
from conformance.flow.errors import FlowSyntaxError
from conformance.flow.mistakes import MISTAKES
from conformance.flow.nodes import FlowNode
from conformance.flow.user_cache import cache_folder

MAX_OCTETS = 1_000_000
"""A flow file is a page or two; what is longer is no flow file."""

MAX_DEPTH = 30
"""Blocks within blocks; the figures have three."""

_DEDENT = "this line is indented like none of the blocks around it"


class _IndentationError(Exception):
    """A line that is indented like no block around it, or too deep."""

    def __init__(self, token: Token, sentence: str) -> None:
        super().__init__(sentence)
        self.line = token.end_line or 0
        self.column = token.end_column or 1
        self.sentence = sentence


class _FlowIndenter(Indenter):
    """Lark's indenter, with a place in its error."""

    NL_type = "_NL"
    OPEN_PAREN_types: list[str] = []  # noqa: RUF012 - the base class has it so
    CLOSE_PAREN_types: list[str] = []  # noqa: RUF012
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 8

    def handle_NL(self, token: Token) -> Iterator[Token]:  # noqa: N802 - Lark's name
        indentation = token.rsplit("\n", 1)[1]
        width = len(indentation.expandtabs(self.tab_len))
        if width < self.indent_level[-1] and width not in self.indent_level:
            raise _IndentationError(token, _DEDENT)
        if len(self.indent_level) > MAX_DEPTH:
            raise _IndentationError(token, f"blocks are nested deeper than {MAX_DEPTH}")
        yield from super().handle_NL(token)


@cache
def _parser() -> Lark:
    grammar = resources.files("conformance.flow").joinpath("flow.lark").read_text("utf-8")
    return Lark(
        grammar,
        parser="lalr",
        postlex=_FlowIndenter(),
        propagate_positions=True,
        maybe_placeholders=True,
        cache=_cache_file() or False,
    )


def _cache_file() -> str | None:
    """Where Lark keeps its tables from run to run: the user's own cache, or nowhere.

    Building the tables takes longer than reading all nine flows. Lark checks that the file is of
    this grammar and this version, and builds anew when it is not.
    """
    folder = cache_folder()
    return str(folder / "flow.lark.cache") if folder else None


def parse(text: str, file: str) -> FlowNode:
    """The syntax tree of one flow file; FlowSyntaxError with place, caret and a plain sentence."""
    if len(text) > MAX_OCTETS:
        raise FlowSyntaxError(file, 0, 0, f"a flow file of more than {MAX_OCTETS} characters")
    text = text.replace("\r\n", "\n").rstrip() + "\n"
    lines = tuple(text.split("\n"))
    try:
        tree = _parser().parse(text)
    except _IndentationError as wrong:
        raise _error(file, lines, wrong.line, wrong.column, wrong.sentence) from None
    except UnexpectedInput as wrong:
        line, column = _place(wrong, lines)
        raise _error(file, lines, line, column, _sentence(wrong)) from None
    try:
        return Builder(text, file, lines).build(tree)
    except RecursionError:
        raise _error(file, lines, 1, 1, "its blocks or conditions are nested too deeply") from None


def _error(
    file: str, lines: tuple[str, ...], line: int, column: int, sentence: str
) -> FlowSyntaxError:
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    return FlowSyntaxError(file, line, column, sentence, source)


def _place(wrong: UnexpectedInput, lines: tuple[str, ...]) -> tuple[int, int]:
    if isinstance(wrong, UnexpectedEOF) or wrong.line < 0:
        return _end(lines)
    if not isinstance(wrong, UnexpectedToken):
        return wrong.line, wrong.column
    if wrong.token.type == "$END":
        return _end(lines)
    if wrong.token.type == "_NL":
        # The line end came too early: the caret goes behind the line's last character.
        return wrong.line, len(lines[wrong.line - 1].partition("#")[0].rstrip()) + 1
    return wrong.line, wrong.column


def _end(lines: tuple[str, ...]) -> tuple[int, int]:
    last = max((n for n, line in enumerate(lines, 1) if line.strip()), default=1)
    return last, len(lines[last - 1]) + 1


def _sentence(wrong: UnexpectedInput) -> str:
    if isinstance(wrong, UnexpectedCharacters) and wrong.char == '"':
        return "the quotes that open here are never closed"
    exact, at_place = _known(_parser())
    place, found = _state(wrong)
    return exact.get((place, found)) or at_place.get(place) or _generic(wrong)


def _state(wrong: UnexpectedInput) -> tuple[int, str]:
    """The parser's state at a mistake, and the kind of what stood there."""
    place = getattr(wrong.state, "position", wrong.state)
    found = wrong.token.type if isinstance(wrong, UnexpectedToken) else "a sign"
    return (place if isinstance(place, int) else -1), found


@cache
def _known(parser: Lark) -> tuple[dict[tuple[int, str], str], dict[int, str]]:
    """The sentences by state and by what stood there, and by state alone.

    Lark's own `match_examples` also compares how deep the parser's stack is, so that it would
    need every example at every depth of blocks; the state alone says what was being read.
    """
    exact: dict[tuple[int, str], str] = {}
    at_place: dict[int, str] = {}
    for sentence, examples in MISTAKES.items():
        for example in examples:
            try:
                parser.parse(example)
            except UnexpectedInput as wrong:
                key = _state(wrong)
                exact.setdefault(key, sentence)
                at_place.setdefault(key[0], sentence)
            except _IndentationError:
                continue
    return exact, at_place


_SPOKEN = {
    "_NL": "the end of the line",
    "_INDENT": "an indented block",
    "_DEDENT": "the end of the block",
    "$END": "the end of the file",
    "NAME": "a name in small letters",
    "ROLE": "a role",
    "METHOD": "a method",
    "OUTCOME": "OK, Accepted or a status code",
    "NUMBERS": "a step label",
    "NUMBER": "a number",
    "WORD": "a field",
    "STRING": "a text in quotes",
    "ID": "a requirement id in brackets",
    "ICS": "ics.NAME",
    "SETTING": "profile.NAME",
    "LEVEL": "shall, should, may, derived or flow",
    "DOT": "'.'",
    "COMMA": "','",
    "COLON": "':'",
    "SEMICOLON": "';'",
}


def _generic(wrong: UnexpectedInput) -> str:
    if isinstance(wrong, UnexpectedCharacters):
        return f"'{wrong.char}' is not understood here{_expected(wrong.allowed)}"
    if isinstance(wrong, UnexpectedToken):
        found = _SPOKEN.get(wrong.token.type, "this")
        return f"{found} is not expected here{_expected(wrong.accepts or wrong.expected)}"
    return "the file ends too early"


def _expected(names: set[str] | None) -> str:
    spoken = sorted({_SPOKEN.get(name, f"'{name.lower()}'") for name in names or ()})
    if not spoken or len(spoken) > 8:
        return ""
    return ": expected " + " or ".join(spoken)
