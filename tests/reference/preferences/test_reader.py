from xml.etree.ElementTree import fromstring

import pytest

from conformance.reference.preferences.reader import NAMESPACE, Node, PreferencesError, read_root
from conformance.reference.preferences.rules import Expiry


def node(text):
    return Node(fromstring(text), "here")


def test_that_a_node_gives_what_is_asked_for():
    one = node('<a x=" 1 "><b>t</b><b>u</b></a>')
    assert one.attributes("x", "y") == {"x": "1"}
    assert one.texts("b") == ("t", "u")
    assert [child.path for child in one.children("b")] == ["here > b", "here > b"]


@pytest.mark.parametrize(
    ("text", "ns"), [("1", 10**9), ("0.5", 5 * 10**8), ("2.000000001", 2 * 10**9 + 1)]
)
def test_that_seconds_become_nanoseconds(text, ns):
    assert node("<a/>").nanoseconds(text) == ns


@pytest.mark.parametrize(
    "text", ["", "-1", "1.", ".5", "1e9", "1.0000000001", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_that_what_is_no_number_of_seconds_is_refused(text):
    with pytest.raises(PreferencesError, match=r"here: .* is no number of seconds"):
        node("<a/>").nanoseconds(text)


def test_that_a_word_is_one_of_the_words():
    assert node("<a><do>store</do><do>extend</do></a>").words("do", Expiry) == (
        Expiry.STORE,
        Expiry.EXTEND,
    )
    with pytest.raises(PreferencesError, match="here > do: 'burn' is none of discard, store"):
        node("<a><do>burn</do></a>").words("do", Expiry)


def test_that_a_text_with_elements_in_it_is_none():
    with pytest.raises(PreferencesError, match="a text is needed here, and nothing else"):
        _ = node("<a>one<b/></a>").text


def test_that_our_namespace_and_none_are_read_alike():
    plain = "<user-preferences><profile id='a'/></user-preferences>"
    ours = plain.replace("<user-preferences>", f"<user-preferences xmlns='{NAMESPACE}'>")
    assert read_root(fromstring(plain), "") == read_root(fromstring(ours), "")
