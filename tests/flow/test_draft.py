from conformance.flow.draft import Draft, Drafts
from conformance.flow.nodes import Internal, Place, StepNode, Word
from conformance.flow.program import Kind
from conformance.flow.tree import Shape

HERE = Place(1, 1)
NODE = StepNode(
    Word("1", HERE),
    "",
    Internal(Word("A", HERE), "rests", None, HERE),
    (),
    (),
    (),
    "A rests.",
    HERE,
)


def test_only_a_request_outside_every_dialog_is_initial() -> None:
    assert Draft(0, "1", Kind.REQUEST, NODE, method="INVITE").initial
    assert not Draft(0, "1", Kind.REQUEST, NODE, method="ACK").initial
    assert not Draft(0, "1", Kind.REQUEST, NODE, method="NOTIFY", dialog=0).initial
    assert not Draft(0, "1", Kind.RESPONSE, NODE, method="INVITE").initial


def test_drafts_are_found_by_label_and_relate_by_their_place() -> None:
    drafts = Drafts([Draft(0, "1", Kind.INTERNAL, NODE)], {0: ((1, Shape.CHOICE, 0),)})
    assert [draft.index for draft in drafts.named("1")] == [0]
    assert drafts.named("2") == []
    assert drafts.relation(0, ((1, Shape.CHOICE, 1),)) is Shape.CHOICE
