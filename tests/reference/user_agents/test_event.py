import pytest

from conformance.reference.user_agents.event import MAX_EXPIRES, event_of, seconds_of


@pytest.mark.parametrize(
    ("value", "event"),
    [
        ("presence", ("presence", "")),
        ("presence;id=4 ;x=1", ("presence", "4")),
        (" reg ", ("reg", "")),
        ('a;"', ('a;"', "")),
        ("", ("", "")),
    ],
)
def test_package_and_id(value, event):
    assert event_of(value) == event


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("3600", 3600),
        ("9" * 50, MAX_EXPIRES),
        ("-1", None),
        ("", None),
        (None, None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_delta_seconds(text, seconds):
    assert seconds_of(text) == seconds
