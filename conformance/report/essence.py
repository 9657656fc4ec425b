"""What a finding says without what differs from run to run, so that two runs can be compared.

Kept are words, methods, statuses and step labels; frames, counts, times, addresses and
identities become `#`.
"""

import re

_VARIES = re.compile(
    r"""
      "[^"\n]*"                                         # what is quoted from the wire
    | (?<=\bmessage\ )\S+(?=\ (?:is|was)\b)            # whatever its identity looks like
    | (?<=\bchosen:\ ).+ | (?<=\bdelivered:\ ).+       # lists of identities
    | ;\ (?:both\ directions|the\ (?:request|answer))\b.+  # how silence was proven
    | \bframes?\ \d+(?:(?:,\ |\ and\ )\d+)*             # frame 9; frames 9, 10 and 12
    | \b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?
    | [^\s,;()<>]*@[^\s,;()<>]*                         # user@host, Call-IDs, NOTIFY's entities
    | \b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?
    | \[[0-9a-fA-F:.]+\](?::\d+)?
    | \b\d+(?:\.\d+)?\ (?:times|messages|octets|packets|ms|s|min|h)\b
    | \b\d+\.\d+\b
    | \b(?=[\w.~%+=-]*\d)(?=[\w.~%+=-]*[A-Za-z])[\w.~%+=-]{12,}  # identities: long, mixed
    """,
    re.VERBOSE | re.ASCII,
)
_LIMIT = 2_000
_WORD = 200


def essence(observed: str) -> str:
    """The text that stays the same when the same fault is seen in another capture."""
    words = " ".join(word[:_WORD] for word in observed[:_LIMIT].split())
    return _VARIES.sub("#", words)
