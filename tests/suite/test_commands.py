import pytest

from conformance.reference.engine.timer import SECOND
from conformance.reference.world.setting import ALICE, BOB
from conformance.reference.world.world import World
from conformance.suite.commands import Command, carry_out, read
from conformance.suite.errors import ConformanceError


def test_a_line_is_a_verb_and_its_words():
    assert read("send sip:a@b 'two words'\n") == Command("send", ("sip:a@b", "two words"))
    assert read(str(Command("send", ("sip:a@b", "it's")))).words[1] == "it's"


@pytest.mark.parametrize(("line", "why"), [("", "empty line"), ("send 'x", "no command")])
def test_a_line_that_is_none_is_refused(line, why):
    with pytest.raises(ConformanceError, match=why):
        read(line)


def test_roles_do_what_they_are_told():
    # given
    world = World()
    told = [
        (Command("send", (ALICE, "hello")), "remote"),
        (Command("register"), "client"),
        (Command("send", (BOB, "hello back")), "client"),
        (Command("chat", (BOB, "talk?")), "client"),
        (Command("reply", ("ditto",)), "client"),
        (Command("subscribe"), "client"),
    ]
    for number, (command, role) in enumerate(told):
        world.simulation.after(
            number * 10 * SECOND, lambda c=command, r=role: carry_out(c, r, world)
        )
    # when
    world.simulation.run(until=world.setting.begin + 120 * SECOND)
    # then
    noted = {(note.party, note.note.what) for note in world.simulation.notes}
    assert {("pf", "deferred"), ("client", "received"), ("client", "sent")} <= noted
    assert {("remote", "received"), ("client", "subscribed")} <= noted


@pytest.mark.parametrize(
    ("line", "role", "why"),
    [
        ("regster", "client", "did you mean 'register'"),
        ("register", "pf", "it knows none"),
        ("send sip:a@b", "client", "write send URI TEXT"),
        ("reply x", "client", "nothing has been received"),
    ],
)
def test_what_a_role_cannot_do_is_refused(line, role, why):
    with pytest.raises(ConformanceError, match=why):
        carry_out(read(line), role, World())
