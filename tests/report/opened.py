"""A report page as a browser opens it: its blocks inflated, its index and records read."""

import json
import re
import zlib
from base64 import b64decode
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from itertools import accumulate

from conformance.report.model import Report
from conformance.report.pages import PARTS
from conformance.report.render_html import write_html

_PACKED = re.compile(r'(<script type="text/plain" id="([\w-]+)">)([A-Za-z0-9+/=]*)(</script>)')


@dataclass(frozen=True)
class Record:
    """The parts of one instance's page."""

    html: str
    capture: bytes
    loose: bytes
    octets: list[list[list[int]]]
    text: str
    mermaid: str
    plantuml: str

    def message(self, number: int) -> bytes:
        """The octets of one message, as the page finds them in the capture."""
        both = self.capture + self.loose
        return b"".join(both[at : at + length] for at, length in self.octets[number])


def page(made: Report) -> str:
    """The report as one page."""
    file = StringIO()
    write_html(made, file)
    return file.getvalue()


def index(text: str) -> dict:
    """The index of instances."""
    return json.loads(_blocks(text)["rows"])


def records(text: str) -> dict[str, Record]:
    """Every page of an instance, by its id, in the order of the index."""
    blocks = _blocks(text)
    found = {}
    for row in index(text)["rows"]:
        block, place = row[-2:]
        found[row[0]] = record(blocks[f"block-{block}"], place)
    return found


def unpacked(text: str) -> str:
    """The page with what is packed in it spelt out, for people to read and compare."""
    read = records(text)
    shown = _PACKED.sub(lambda found: f"{found[1]}…{found[4]}", text)
    pieces = [shown, "\n==== index\n", json.dumps(index(text), indent=1, ensure_ascii=False)]
    for id_, record in read.items():
        digest = sha256(record.capture).hexdigest()
        pieces.append(f"\n==== {id_}: pcapng of {len(record.capture)} octets, sha256 {digest}\n")
        pieces += [record.html, record.text, record.mermaid, record.plantuml]
    return "".join(pieces)


def everything(text: str) -> bytes:
    """The page and all octets that are packed in it."""
    return text.encode() + b"".join(_blocks(text).values())


def _blocks(text: str) -> dict[str, bytes]:
    return {
        found[2]: zlib.decompress(b64decode(found[3], validate=True))
        for found in _PACKED.finditer(text)
    }


def record(octets: bytes, place: int) -> Record:
    """One page of an inflated block."""
    line, _, rest = octets.partition(b"\n")
    heads = json.loads(line)
    lengths = [head["parts"][kind] for kind in range(len(PARTS)) for head in heads]
    ends = list(accumulate(lengths))
    assert ends[-1] == len(rest)
    spans = list(zip([0, *ends[:-1]], ends, strict=True))[place :: len(heads)]
    parts = {name: rest[start:end] for name, (start, end) in zip(PARTS, spans, strict=True)}
    return Record(
        html=parts["html"].decode(),
        capture=parts["capture"],
        loose=parts["loose"],
        octets=heads[place]["octets"],
        text=parts["text"].decode(),
        mermaid=parts["mermaid"].decode(),
        plantuml=parts["plantuml"].decode(),
    )
