from pathlib import Path

import pytest
from hypothesis import given, settings

from conformance.reference.preferences.document import (
    MAX_DOCUMENT,
    PreferencesError,
    load,
    read,
    write,
)
from conformance.reference.preferences.profiles import Disposal, Preferences, Profile, Stored
from tests.reference.preferences.made import preferences

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "preferences.md"


@given(preferences())
@settings(max_examples=60)
def test_that_preferences_are_read_back_equal(made):
    assert read(write(made)) == made


def test_that_preferences_that_say_nothing_are_a_short_document():
    octets = write(Preferences())
    assert octets.splitlines()[1:] == [
        b'<user-preferences xmlns="urn:oma:xml:cpm:user-preferences">',
        b'  <profile id="default">',
        b"  </profile>",
        b"</user-preferences>",
    ]
    assert read(octets) == Preferences()


@pytest.mark.parametrize(
    "profile",
    [Profile(display_name=" x "), Profile(identifier=""), Profile(blacklist=("\0",))],
    ids=["blanks", "no identifier", "no text of XML"],
)
def test_that_what_no_document_can_say_is_an_error(profile):
    with pytest.raises(ValueError, match=r"no document can say|XML cannot hold"):
        write(Preferences.of(profile))


def test_that_the_example_of_the_guide_says_what_the_guide_tells(tmp_path):
    # Given the example of docs/preferences.md as a file
    text = GUIDE.read_text("utf-8").partition("```xml\n")[2].partition("```")[0]
    (tmp_path / "alice.xml").write_text(text, "utf-8")
    # When it is loaded
    found = load(str(tmp_path / "alice.xml"))
    # Then it holds two profiles, whose wishes are known
    home, work = found.profiles
    assert (found.default, home.identifier, work.identifier) == ("home", "home", "work")
    assert home.when_unavailable == (Disposal.DEFER,)
    assert home.stored == {Stored.MESSAGE}
    assert home.noncpm_services == ("sms", "mms")
    assert read(write(found)) == found


def test_that_elements_of_another_namespace_are_passed_over():
    octets = (
        b'<user-preferences xmlns:x="urn:other"><x:more/>'
        b'<profile id="a" x:note="1"><x:more>text</x:more></profile></user-preferences>'
    )
    assert read(octets) == Preferences((Profile("a"),))


def inside(text, **attributes):
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<user-preferences{more}><profile id="a">{text}</profile></user-preferences>'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not well-formed: no element found"),
        ("<user-preferences>", "not well-formed"),
        ("<preferences/>", "the root is preferences"),
        ("<!DOCTYPE x []><user-preferences/>", "document type"),
        ("<user-preferences/>", "user-preferences: at least one profile"),
        ("<user-preferences><profile/></user-preferences>", "profile: the attribute id"),
        ("<user-preferences><profil/></user-preferences>", "<profil> is none of active, profile"),
        (inside("", default="b"), "user-preferences: there is no profile 'b'"),
        (inside("", other="b"), "the attribute other is none of default"),
        (inside("<storge/>"), "profile 'a': <storge> is none of display-name, "),
        (inside("<storage/><storage/>"), "profile 'a': <storage> stands here twice"),
        (
            inside("<storage><store>all</store></storage>"),
            "storage > store: 'all' is none of mess",
        ),
        (inside("<storage><store/></storage>"), "storage > store: a text is needed"),
        (
            inside("<storage><store>media</store><do-not-store>media</do-not-store></storage>"),
            "profile 'a': stored and not_stored both name media",
        ),
        (
            inside('<expired-messages extend-by="soon"/>'),
            "expired-messages: 'soon' is no number of seconds",
        ),
        (inside('<expired-messages extend-by="0"/>'), "profile 'a': extend_by is at least"),
        (
            inside("<expired-messages><do>store</do><do>store</do></expired-messages>"),
            "expired-messages: a choice stands here twice",
        ),
        (
            inside('<devices><messages latest="-1"/></devices>'),
            "devices > messages: '-1' is no whole number",
        ),
        (
            inside("<content-adaptation><adapt/></content-adaptation>"),
            "content-adaptation > adapt: the attribute to is needed",
        ),
        (
            inside(
                "<message-handling><when-available><rule action='redirect'/></when-available>"
                "</message-handling>"
            ),
            "profile 'a': rules: a redirection without redirect_to",
        ),
        (
            inside(
                "<message-handling><when-unavailable><do>reject</do></when-unavailable>"
                "</message-handling>"
            ),
            "profile 'a': when_unavailable: reject is none of defer",
        ),
        (
            '<user-preferences><active device="x"/><profile id="a"/></user-preferences>',
            "active: the attributes device and profile are needed",
        ),
    ],
    ids=str,
)
def test_that_a_fault_is_told_with_its_place(text, why):
    with pytest.raises(PreferencesError) as raised:
        read(text.encode(), "alice.xml")
    assert str(raised.value).startswith("alice.xml: ")
    assert why in str(raised.value)


def test_that_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(PreferencesError, match="No such file"):
        load(str(tmp_path / "none.xml"))
    with pytest.raises(PreferencesError, match="directory"):
        load(str(tmp_path))


def test_that_a_file_without_end_is_not_read(tmp_path):
    path = tmp_path / "large.xml"
    path.write_bytes(b" " * (MAX_DOCUMENT + 1))
    with pytest.raises(PreferencesError, match=f"at most {MAX_DOCUMENT} are read"):
        load(str(path))
