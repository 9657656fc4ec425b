import pytest

from conformance.reference.messaging.content import CpmMessage, read
from conformance.reference.pf.adaptation import adapted, plain, with_content
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.preferences.profiles import Adaptation, Device, Preferences, Profile
from tests.reference.pf.world import PfWorld, body_of, message

HTML = "<html><head><title>x</title></head><p>One &amp; <b>two</b>.</p>Three<br>four</html>"
PHONE = Device("phone", "sip:phone")
WISH = Adaptation(("text/html",), "text/plain")


def wanting(*wishes: Adaptation) -> Preferences:
    return Preferences.of(Profile(adaptations=wishes))


def html() -> CpmMessage:
    made = message(1, HTML, content_type="text/html")
    found = read("message/cpim", made.cpim())
    assert isinstance(found, CpmMessage)
    return found


def test_that_marked_up_text_becomes_plain() -> None:
    found = adapted(html(), PHONE, wanting(WISH))
    assert found.text == "One & two.\nThree\nfour"
    assert found.content_type == "text/plain;charset=UTF-8"
    again = read("message/cpim", found.cpim())
    assert isinstance(again, CpmMessage)
    assert (again.body, again.message_id, again.subject) == (found.body, "msg-1", "Notice 1")


@pytest.mark.parametrize(
    ("made", "preferences"),
    [
        (html(), None),
        (html(), wanting()),
        (html(), wanting(Adaptation(("text/html",), "image/png"))),
        (message(1, content_type="image/png"), wanting(Adaptation(("image/*",), "text/plain"))),
        (message(1), wanting(WISH)),
    ],
)
def test_that_what_is_not_wanted_or_cannot_be_done_is_left(
    made: CpmMessage, preferences: Preferences | None
) -> None:
    assert adapted(made, PHONE, preferences) is made


def test_that_a_message_without_an_envelope_gets_one_when_it_is_written() -> None:
    assert b"hello" in with_content(message(), "text/plain", b"hello").cpim()


def test_that_markup_left_open_does_no_harm() -> None:
    assert plain("a < b <i>c <script>never") == "a < b c"
    assert plain("<script" * 50_000 + "<head>" * 50_000) == "<script" * 50_000
    assert plain("") == ""


@pytest.mark.parametrize("push", Push)
def test_that_pushed_messages_are_adapted(push: Push) -> None:
    # 5.4 B
    world = PfWorld(PfSettings(push=push), profile=Profile(adaptations=(WISH,)))
    world.defer(1, text=HTML, content_type="text/html")
    world.register()
    found = [body_of(request) for request in world.messages]
    found += [one for client in world.clients for one in client.got]
    assert [one.text for one in found] == ["One & two.\nThree\nfour"]
    assert world.queue == []


def test_that_messages_delivered_at_once_are_adapted() -> None:
    world = PfWorld(profile=Profile(adaptations=(WISH,)))
    world.register()
    world.send(message(1, HTML, content_type="text/html"))
    assert body_of(world.messages[0]).text == "One & two.\nThree\nfour"
    assert world.statuses[-1] == 200
