from conformance.flow.program import BlockKind
from conformance.flow.tree import Shape, Tree, blocks, leaves, relation


def test_relation_is_that_of_the_lowest_common_node() -> None:
    root = (1, Shape.SEQUENCE, 0)
    one, other = (root, (2, Shape.CHOICE, 0)), (root, (2, Shape.CHOICE, 1))
    assert relation(one, other) is Shape.CHOICE
    assert relation(one, ((1, Shape.SEQUENCE, 1),)) is Shape.SEQUENCE
    assert relation(one, one) is Shape.SEQUENCE


def test_blocks_name_their_branches_by_first_and_last_step() -> None:
    choice = Tree(Shape.CHOICE, [Tree(Shape.SEQUENCE, [1, 2]), Tree(Shape.SEQUENCE, [3])])
    tree = Tree(Shape.SEQUENCE, [0, choice, Tree(Shape.CHOICE, [4])])
    (block,) = blocks(tree, str)
    assert (block.kind, block.branches) == (BlockKind.CHOICE, ((1, 2), (3, 3)))
    assert leaves(tree) == [0, 1, 2, 3, 4]
