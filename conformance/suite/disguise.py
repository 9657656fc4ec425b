"""Texts of the wire in disguise: which words of a header field or a body tell of somebody.

What is not known to be harmless is hidden. No length changes, and equal words stay equal
wherever they stand: in a URI, in a header field, in XML or in a message's text.
"""

import re
from collections.abc import Callable

from conformance.suite.pseudonyms import Pseudonyms

_IPV4 = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"
_IPV6 = r"(?<![\w:.])(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3}(?![\w])"
# Letters and digits, escaped ones included (RFC 3261 section 19.1.2); other escapes are not.
_ESCAPED = r"%(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|[89A-Fa-f][0-9A-Fa-f])"
_WORD = rf"(?:[A-Za-z0-9\x80-\U0010ffff]|{_ESCAPED})+"
# A global number with its visual separators (RFC 3966 section 3) is one word.
_NUMBER = r"\+\d(?:[\d().-]{0,40}\d)?"
_TEL = r"(?<=[tT][eE][lL]:)[\d*#A-Fa-f](?:[\d*#A-Fa-f().-]{0,40}[\d*#A-Fa-f])?"
_COOKIE = r"z9hG4bK"
_HIDDEN = re.compile(
    rf"(?P<cookie>{_COOKIE})|(?P<tel>{_TEL})|(?P<number>{_NUMBER})"
    rf"|(?P<ip>{_IPV4}|{_IPV6})|(?P<word>{_WORD})|(?P<escape>%[0-9A-Fa-f]{{2}})"
)
_HOST = re.compile(f"{_IPV4}|{_IPV6}")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_SYMBOL = re.compile(r"[0-9A-Za-z]")

# Parameters whose values belong to the protocol; feature tags begin with a plus sign.
_PLAIN_PARAMETERS = """audio automata comp context dir duration events expires extensions handling
    index isfocus keep language lr maddr-type methods mobility ob priority purpose q reason
    refresher reg-id retry-after rport schemes text transport ttl type user video"""
_ADDRESS = re.compile(
    rf"(?P<ip>{_IPV4}|{_IPV6})|"
    r"(?P<plain>SIP[ \t]*+/[ \t]*+2\.0[ \t]*+/[ \t]*+\w++"
    r"|\b(?:sips?|tel|msrps?|im|pres|mailto|urn|https?|cid|mid|gsma|imei|uuid):"
    r"|:\d{1,5}(?![\w.%+-]*@)(?=[\s;>/?,\"\])]|\Z)"
    r"|;[ \t]*+\+(?!sip\.instance)[\w.!%*`'~-]++(?:[ \t]*+=[ \t]*+(?:\"[^\"]*\"|[^\s;,>\"]*))?"
    r"|;[ \t]*+(?:" + "|".join(_PLAIN_PARAMETERS.split()) + r")[ \t]*+=[ \t]*+[^\s;,>\"]*"
    r"|;[ \t]*+\+?[\w.!*`'~-]++(?:[ \t]*+=)?)",
    re.IGNORECASE,
)
_XML = re.compile(
    r"(?P<plain></[^<>]*+>|<\?[^<>]*+>|<!\[CDATA\[|\]\]>|<!--|-->|&#?\w+;)|<(?P<tag>[^\s<>/!?][^\s<>/]*+)"
    r"(?P<attributes>[^<>]*+)>|(?P<text>[^<>&\]]++)"
)
_ATTRIBUTE = re.compile(r"([\w:.-]++\s*+=\s*+)(\"[^\"]*+\"|'[^']*+')")
_XML_PLAIN = re.compile(
    r"\s*(?:retrieve|interwork|discard|store|keep|keepdeferred|retain|defer|delete|remove|fetch"
    r"|interworking|active|idle|true|false|yes|no|\d{1,5}|[\w.+-]+/[\w.+-]+"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))?\s*\Z",
    re.IGNORECASE,
)
_SDP_PLAIN = [
    "accept-types",
    "accept-wrapped-types",
    "charset",
    "connection",
    "file-date",
    "file-icon-type",
    "framerate",
    "fmtp",
    "group",
    "inactive",
    "lang",
    "max-size",
    "maxptime",
    "mid",
    "msrp-cema",
    "orient",
    "ptime",
    "quality",
    "recvonly",
    "rtcp-fb",
    "rtcp-mux",
    "rtpmap",
    "sdplang",
    "sendonly",
    "sendrecv",
    "setup",
    "type",
    "chatroom",
]
_SDP_SECRET = frozenset({"crypto", "key-mgmt", "ice-pwd", "3ge2ae"})


class Disguise:
    """The texts of one run, all by the same pseudonyms."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self.pseudonyms = pseudonyms

    def hide(self, text: str) -> str:
        """Every word, number and address of a text by its pseudonym; all else stays."""
        return _HIDDEN.sub(self._hidden, text)

    def prose(self, text: str) -> str:
        """A text that somebody wrote: its words stand for others than in any other text.

        Only the whole text equals itself elsewhere, so that frequent words tell nothing.
        """
        octets = text.encode("utf-8", "surrogateescape")
        return Disguise(Pseudonyms(self.pseudonyms.derived(octets))).hide(text)

    def hosts(self, text: str) -> str:
        """A sentence of ours: the IP addresses that it names."""
        return _HOST.sub(lambda found: self._ip(found[0]), text)

    def address(self, text: str) -> str:
        """The value of a field that holds addresses: names of schemes and parameters stay."""
        return around(_ADDRESS, text, self.hide)

    def xml(self, text: str) -> str:
        """A document: elements, names of attributes and values of the protocol's own stay."""
        return _XML.sub(self._piece_of_xml, text)

    def sdp(self, text: str) -> str:
        """A session description (RFC 4566): who and where is hidden, and keys are blotted out."""
        return "".join(self._sdp_line(line) for line in text.splitlines(keepends=True))

    def _hidden(self, found: re.Match[str]) -> str:
        text = found[0]
        match found.lastgroup:
            case "cookie" | "escape":
                return text
            case "ip":
                return self._ip(text)
            case "number" | "tel":
                return self._joined(text)
            case _:
                return self._word(text)

    def _ip(self, text: str) -> str:
        try:
            return self.pseudonyms.address(text)
        except ValueError:
            return re.sub(_WORD, lambda found: self._word(found[0]), text)

    def _word(self, text: str) -> str:
        if "%" not in text:
            return self.pseudonyms.word(text)
        units = _ESCAPE.findall(text)
        plain = "".join(_unescaped(unit) for unit in units)
        changed = self.pseudonyms.word(plain)
        return "".join(map(_escaped_like, changed, units))

    def _joined(self, text: str) -> str:
        """A number as one word, its separators put back where they were."""
        symbols = iter(self.pseudonyms.word("".join(_SYMBOL.findall(text))))
        return _SYMBOL.sub(lambda _: next(symbols), text)

    def _piece_of_xml(self, found: re.Match[str]) -> str:
        if found["plain"] is not None:
            return found[0]
        if found["tag"] is not None:
            attributes = _ATTRIBUTE.sub(self._attribute, found["attributes"])
            return f"<{found['tag']}{attributes}>"
        return self._value(found[0])

    def _attribute(self, found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        if name.startswith("xmlns"):
            return found[0]
        return f"{name}{value[0]}{self._value(value[1:-1])}{value[-1]}"

    def _value(self, text: str) -> str:
        return text if _XML_PLAIN.match(text) else self.address(text)

    def _sdp_line(self, line: str) -> str:
        kind, value = line[:2], line[2:]
        if kind in ("v=", "t=", "r=", "z=", "b=", "m="):
            return line
        if kind == "k=":
            return kind + blotted(value)
        if kind == "o=":
            name, space, rest = value.partition(" ")
            numbers, network, host = rest.partition(" IN ")
            if not network:
                return kind + self.hide(value)
            return f"{kind}{self.hide(name)}{space}{numbers}{network}{self._host(host)}"
        if kind == "c=":
            return f"{kind}{value[:3]}{self._host(value[3:])}" if value[:3] == "IN " else line
        return self._sdp_attribute(value) if kind == "a=" else kind + self.hide(value)

    def _host(self, text: str) -> str:
        family, space, host = text.partition(" ")
        return f"{family}{space}{self.hide(host)}"

    def _sdp_attribute(self, value: str) -> str:
        name, colon, rest = value.partition(":")
        plain = name.strip().lower()
        if plain in _SDP_SECRET:
            rest = blotted(rest)
        elif plain not in _SDP_PLAIN and not plain.startswith("file-"):
            rest = self.address(rest)
        elif plain in ("file-selector", "file-transfer-id"):
            rest = around(re.compile(r"(?P<plain>\b(?:name|type|size|hash):)"), rest, self.hide)
        return f"a={name}{colon}{rest}"


def _unescaped(unit: str) -> str:
    if len(unit) == 1:
        return unit
    code = int(unit[1:], 16)
    return chr(code if code < 0x80 else 0xDC00 + code)


def _escaped_like(char: str, unit: str) -> str:
    if len(unit) == 1:
        return char
    digits = f"{ord(char) & 0xFF:02X}"
    return f"%{digits if unit.upper() == unit else digits.lower()}"


def blotted(text: str) -> str:
    """A secret: every letter and digit is an x."""
    return re.sub("[A-Za-z0-9+/]", "x", text)


def around(pattern: re.Pattern[str], text: str, hide: Callable[[str], str]) -> str:
    """The text with all hidden but what the pattern's group `plain` finds."""
    found, at = [], 0
    for match in pattern.finditer(text):
        kept = match[0] if match.lastgroup == "plain" else hide(match[0])
        found += [hide(text[at : match.start()]), kept]
        at = match.end()
    return "".join([*found, hide(text[at:])])
