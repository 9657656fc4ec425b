import zlib
from base64 import b64decode
from dataclasses import replace
from random import Random

from conformance.report import pages
from conformance.report.pages import Location, Packer, Page, packed
from tests.report.opened import record

PAGE = Page("<p>é</p>", b"\x00\xff", b"", (((0, 2),), ()), "text", "mermaid", "plantuml")


def test_pages_lie_where_their_locations_say() -> None:
    packer = Packer()
    other = replace(PAGE, html="<p>other</p>", capture=b"", loose=b"loose")
    places = [packer.add(PAGE), packer.add(other)]
    assert places == [Location(0, 0), Location(0, 1)]
    assert list(packer.full()) == []
    [block] = packer.rest()
    octets = zlib.decompress(b64decode(block))
    for page, at in zip((PAGE, other), places, strict=True):
        found = record(octets, at.place)
        assert (found.html, found.capture, found.loose) == (page.html, page.capture, page.loose)
        assert (found.text, found.mermaid, found.plantuml) == ("text", "mermaid", "plantuml")
        assert found.octets == [[[0, 2]], []]
    assert list(packer.rest()) == []


def test_what_pages_share_costs_little() -> None:
    """Captures lie further apart than deflate sees, if each stands in its page."""
    octets = Random(1).randbytes(10_000)
    page = replace(PAGE, html="".join(chr(ord("a") + one % 26) for one in octets) * 4)
    one, two = Packer(), Packer()
    one.add(replace(page, capture=octets))
    for _ in range(2):
        two.add(replace(page, capture=octets))
    ([single], [double]) = one.rest(), two.rest()
    assert len(double) < 1.1 * len(single)


def test_a_full_block_is_closed_and_the_next_begins(monkeypatch) -> None:
    monkeypatch.setattr(pages, "BLOCK", 10)
    packer = Packer()
    packer.add(PAGE)
    assert len(list(packer.full())) == 1
    assert packer.add(PAGE).block == 1


def test_packed_text_is_base64_of_deflate() -> None:
    assert zlib.decompress(b64decode(packed(b"x" * 1000))) == b"x" * 1000
