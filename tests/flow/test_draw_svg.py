from xml.etree import ElementTree

import pytest

from conformance.flow.draw_svg import svg
from conformance.flow.library import load

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", sorted(load().flows))
def test_the_figure_is_well_formed_and_complete(name: str) -> None:
    program = load().flow(name)
    root = ElementTree.fromstring(svg(program))
    arrows = [line for line in root.iter(f"{SVG}line") if "arrow" in line.get("class", "")]
    assert len(arrows) == len(program.hops)
    texts = {text.text or "" for text in root.iter(f"{SVG}text")}
    assert all(any(text.startswith(f"{hop.number}. ") for text in texts) for hop in program.hops)
    assert {names[0] for names in program.aliases.values()} <= texts
    blocks = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "block"]
    assert len(blocks) == len(program.blocks)


@pytest.mark.parametrize("name", sorted(load().flows))
def test_everything_lies_within_the_picture(name: str) -> None:
    root = ElementTree.fromstring(svg(load().flow(name)))
    width, height = int(root.get("width", "0")), int(root.get("height", "0"))
    rows = [int(line.get("y1", "0")) for line in root.iter(f"{SVG}line")]
    assert 0 < min(rows) <= max(rows) < height
    for rect in root.iter(f"{SVG}rect"):
        left, right = (
            int(rect.get("x", "0")),
            int(rect.get("x", "0")) + int(rect.get("width", "0")),
        )
        assert 0 <= left <= right <= width
        assert int(rect.get("y", "0")) + int(rect.get("height", "0")) <= height
