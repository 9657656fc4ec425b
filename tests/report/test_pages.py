import json
import zlib
from base64 import b64decode

from conformance.report import pages
from conformance.report.pages import Location, Packer, Page, packed

PAGE = Page("<p>é</p>", b"\x00\xff", b"", (((0, 2),), ()), "text", "mermaid", "plantuml")


def test_records_lie_where_their_locations_say() -> None:
    packer = Packer()
    first, second = packer.add(PAGE), packer.add(PAGE)
    assert list(packer.full()) == []
    [block] = packer.rest()
    octets = zlib.decompress(b64decode(block))
    for at in (first, second):
        line, _, rest = octets[at.offset : at.offset + at.length].partition(b"\n")
        head = json.loads(line)
        assert head == {"parts": [9, 2, 0, 4, 7, 8], "octets": [[[0, 2]], []]}
        assert rest == "<p>é</p>".encode() + b"\x00\xfftextmermaidplantuml"
    assert second == Location(0, first.length, first.length)
    assert list(packer.rest()) == []


def test_a_full_block_is_closed_and_the_next_begins(monkeypatch) -> None:
    monkeypatch.setattr(pages, "BLOCK", 10)
    packer = Packer()
    packer.add(PAGE)
    assert len(list(packer.full())) == 1
    assert packer.add(PAGE).block == 1


def test_packed_text_is_base64_of_deflate() -> None:
    assert zlib.decompress(b64decode(packed(b"x" * 1000))) == b"x" * 1000
