"""Other spellings of a SIP message's head: its lines, whatever stands in them."""

import re
from collections.abc import Callable

from tests.laws.spelling import COMPACT, Line, Spelling, members, mixed_case

Respelling = Callable[[Spelling], None]


LISTS = (
    "accept",
    "accept-contact",
    "allow",
    "contact",
    "p-asserted-identity",
    "p-associated-uri",
    "path",
    "record-route",
    "require",
    "route",
    "service-route",
    "supported",
    "via",
)
"""Fields of which one line may hold several values (RFC 3261 section 7.3.1)."""


ADDRESSES = (
    "contact",
    "from",
    "p-asserted-identity",
    "p-associated-uri",
    "p-called-party-id",
    "p-preferred-identity",
    "path",
    "record-route",
    "referred-by",
    "route",
    "service-route",
    "to",
)
"""Fields that hold addresses."""


WITH_PARAMETERS = (
    *ADDRESSES,
    "accept-contact",
    "content-type",
    "event",
    "p-charging-vector",
    "session-expires",
    "session-id",
    "subscription-state",
    "via",
)
"""Fields whose values have parameters."""


def names_in_other_case(message: Spelling) -> None:
    """RFC 3261 section 7.3.1: field names are case-insensitive."""
    for line in message.lines:
        line.name = mixed_case(line.name, message.chance)


def compact_names(message: Spelling) -> None:
    """RFC 3261 section 7.3.3: compact forms, which may be mixed with long ones."""
    for line in message.lines:
        compact = COMPACT.get(line.long)
        if compact and message.chance.random() < 0.8:
            line.name = message.chance.choice([compact, compact.upper()])


def space_about_colons(message: Spelling) -> None:
    """RFC 3261 section 25.1: HCOLON = *( SP / HTAB ) ":" SWS."""
    for line in message.lines:
        line.colon = message.chance.choice([":", " : ", "\t:\t ", ":   ", " :"])


def space_behind_values(message: Spelling) -> None:
    """RFC 3261 section 7.3.1: a value is what is left without the white space about it."""
    for line in message.lines:
        line.value += message.chance.choice(["", " ", "\t", "  \t"])


def space_about_separators(message: Spelling) -> None:
    """RFC 3261 section 25.1: SEMI, COMMA, EQUAL and SLASH may have white space about them."""
    blank = [" ", "\t", "  ", ""]
    _separate(message, lambda: message.chance.choice(blank))


def folded_lines(message: Spelling) -> None:
    """RFC 3261 section 7.3.1: a line that begins with white space continues the one before."""
    folds = ["\r\n ", "\r\n\t", " \r\n  ", "", ""]
    _separate(message, lambda: message.chance.choice(folds))
    for line in message.lines:
        if message.chance.random() < 0.3:
            line.colon = ":\r\n\t"


def _separate(message: Spelling, blank: Callable[[], str]) -> None:
    for line in message.find(*WITH_PARAMETERS):
        line.value = f"{blank()},{blank()}".join(
            _spaced(member, blank, is_via=line.long == "via") for member in members(line.value)
        )
    for line in message.find("accept", "allow", "supported", "require"):
        line.value = f"{blank()},{blank()}".join(members(line.value))


def _spaced(member: str, blank: Callable[[], str], *, is_via: bool) -> str:
    first, *parameters = members(member, ";")
    if is_via:
        first = re.sub("/", lambda _: f"{blank()}/{blank()}", first)
    spaced = [first]
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        spaced.append(f"{name}{blank()}={blank()}{value}" if equals else name)
    return f"{blank()};{blank()}".join(spaced)


def fields_in_other_order(message: Spelling) -> None:
    """RFC 3261 section 7.3.1: the order of fields of different names means nothing."""
    names = [line.long for line in message.lines]
    message.chance.shuffle(names)
    queues = {name: message.find(name) for name in names}
    message.lines = [queues[name].pop(0) for name in names]


def values_joined(message: Spelling) -> None:
    """RFC 3261 section 7.3.1: fields of one name are one field with their values in order."""
    for name in LISTS:
        first, *others = message.find(name) or [Line("", "")]
        first.value = message.chance.choice([",", ", ", " ,"]).join(
            [first.value, *(line.value for line in others)]
        )
        message.lines = [line for line in message.lines if all(line is not o for o in others)]


def values_apart(message: Spelling) -> None:
    """RFC 3261 section 7.3.1: a list may be given as several fields."""
    apart: list[Line] = []
    for line in message.lines:
        values = members(line.value) if line.long in LISTS else [line.value]
        apart += [Line(line.name, value, line.colon) for value in values]
    message.lines = apart


def without_content_length(message: Spelling) -> None:
    """RFC 3261 section 18.3: a datagram's body ends with it."""
    if message.is_datagram:
        message.lines = [line for line in message.lines if line.long != "content-length"]


def foreign_fields(message: Spelling) -> None:
    """RFC 3261 section 8.1.3.5 and 8.2.2: what is not understood is ignored."""
    foreign = [
        Line("P-Foo", "bar;tag=none;branch=z9hG4bKnone"),
        Line("History-Info", "<sip:mallory@nowhere.example?Reason=SIP%3Bcause%3D302>;index=1.1"),
        Line("Subject", "Via: SIP/2.0/UDP nowhere.example;branch=z9hG4bKnone"),
        Line("X-Contribution-ID", "none"),
        Line("Date", "Mon, 02 Mar 2026 09:00:00 GMT"),
        Line("Geolocation", "<cid:target@nowhere.example>"),
        Line("To-Path", "msrp://nowhere.example:1/none;tcp"),
    ]
    if message.start.startswith("INVITE "):
        foreign.append(Line("Alert-Info", "<urn:alert:service:normal>"))
    for line in foreign:
        if message.chance.random() < 0.6:
            message.lines.insert(message.chance.randrange(len(message.lines) + 1), line)


def other_reasons(message: Spelling) -> None:
    """RFC 3261 section 7.2: a reason phrase is for people, in any language, and may be empty."""
    if message.start.startswith("SIP/2.0 "):
        phrase = message.chance.choice(["", "Fine, thank you", "Согласен", "480 or 603"])
        message.start = f"{message.start[:11]} {phrase}"
