from conformance.cpm.role import Role
from conformance.flow.library import load


def way(flow: str, label: str) -> list[tuple[str, Role, Role]]:
    program = load().flow(flow)
    return [
        (hop.number, hop.sender, hop.receiver)
        for hop in program.hops
        if program.steps[hop.step].label == label
    ]


def test_a_message_takes_its_path() -> None:
    assert way("pull", "2-3") == [
        ("2", Role.CLIENT, Role.CORE),
        ("3", Role.CORE, Role.PF),
    ]


def test_an_answer_goes_back_over_all_that_was_forwarded() -> None:
    back = way("interwork-in", "6-10")
    assert [receiver for _, _, receiver in back] == ["core", "pf", "core", "iwf", "noncpm"]


def test_an_answer_may_go_back_part_of_the_way() -> None:
    assert way("interwork-out", "7-8") == [
        ("7", Role.IWF, Role.CORE),
        ("8", Role.CORE, Role.PF),
    ]


def test_a_bye_takes_the_way_of_its_invite_from_either_side() -> None:
    assert way("pull", "end") == [
        ("end", Role.CLIENT, Role.CORE),
        ("end", Role.CORE, Role.PF),
        ("end", Role.PF, Role.CORE),
        ("end", Role.CORE, Role.CLIENT),
    ]
