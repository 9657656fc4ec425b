from xml.etree.ElementTree import Element, fromstring, tostring

from hypothesis import given
from hypothesis import strategies as st

from conformance.report.legible import legible, octets_as_text, one_line


def test_controls_are_spelt_out_so_that_a_terminal_does_not_obey() -> None:
    assert legible("\x1b[2Jgone\x07") == "\\x1b[2Jgone\\x07"
    assert legible("tab\tand\nline stay") == "tab\tand\nline stay"


def test_directions_are_spelt_out() -> None:
    assert legible("a\u202eb\u2066c") == "a\\u202eb\\u2066c"


def test_undecodable_octets_are_spelt_out() -> None:
    assert legible(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\\xe9"


@given(st.text())
def test_what_is_legible_fits_into_utf_8_and_xml(text: str) -> None:
    clean = legible(text)
    assert legible(clean) == clean
    element = Element("t")
    element.text = clean
    assert fromstring(tostring(element)).text == (clean or None)


def test_one_line_is_one_line_and_short() -> None:
    assert one_line("a\r\n  b") == "a\\x0d b"
    assert one_line("x" * 500, 10) == "xxxxxxxxx…"
    assert len(one_line("y" * 10_000_000)) == 200


def test_octets_are_shown_as_text_up_to_a_limit() -> None:
    assert octets_as_text(b"INVITE\r\n\r\nbody") == "INVITE\n\nbody"
    assert octets_as_text(b"\xff\x00") == "\\xff\\x00"
    assert octets_as_text(b"abcdef", limit=2) == "ab\n… 4 octets more"
