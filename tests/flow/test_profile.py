import pytest

from conformance.flow.errors import ProfileError
from conformance.flow.library import load
from conformance.flow.profile import Profile, parse_profile, setting_names, timer_names


def read(text: str) -> Profile:
    return parse_profile(text, "p.toml", "p", lambda _: Profile())


def test_the_shipped_profile_is_the_defaults() -> None:
    shipped = load().profile("cpm")
    assert {name: shipped.value(name) for name in setting_names() if name != "title"} == {
        name: Profile().value(name) for name in setting_names() if name != "title"
    }


def test_values_and_seconds() -> None:
    profile = Profile()
    assert profile.value("deferred-event") == ("deferred-messages",)
    assert profile.value("teardown") == ("180",)
    assert profile.seconds("t1") == 0.5
    assert "notify" in timer_names()
    for name in ("nothing", "pager-tags"):
        with pytest.raises(KeyError):
            profile.seconds(name)
    with pytest.raises(KeyError):
        profile.value("relaxes")


def test_answers() -> None:
    profile = Profile()
    assert profile.declines(486)
    assert profile.declines(603)
    assert not profile.declines(500)
    assert profile.departs(420)
    assert not profile.departs(480)


def test_rcs_relaxes_the_order_of_interworking_only() -> None:
    rcs = load().profile("rcs")
    assert rcs.relaxes_order("interwork-out/7-8")
    assert not rcs.relaxes_order("interwork-out/9-10")
    assert rcs.relaxed_ids() == frozenset()
    assert rcs.title == "RCS"


def test_paths_of_the_list() -> None:
    made = read('list-element = ".//entry"\nidentity-paths = ["@key"]')
    assert made.paths().identity == ("@key",)


WRONG = [
    ("a = ", 1, "no TOML"),
    ('event = "x"', 1, "unknown key 'event'"),
    ('\ndeferred_event = "x"', 2, "did you mean 'deferred-event'"),
    ("deferred-event = 5", 1, "must be a text"),
    ('notify = "soon"', 1, "must be a number of seconds"),
    ("notify = -1", 1, "between 0 and"),
    ("notify = nan", 1, "between 0 and"),
    ("notify = true", 1, "must be a number of seconds"),
    ('pager-tags = "x"', 1, "must be a list of texts"),
    ("pager-tags = [true]", 1, "must be a list of texts"),
    ("extends = 5", 1, "name of another profile"),
    ("relaxes = 5", 1, "a list of tables"),
    ('relaxes = [{id = "x"}]', 1, "says id, part and because"),
    ('relaxes = [{id = "x", part = "all", because = "y"}]', 1, "part is one of"),
    ('identity-paths = ["//["]', 1, "no path that can be used"),
]


@pytest.mark.parametrize(("text", "line", "sentence"), WRONG)
def test_wrong_profiles_have_a_place_and_a_sentence(text: str, line: int, sentence: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read(text)
    assert sentence in caught.value.sentence
    assert caught.value.line == line
