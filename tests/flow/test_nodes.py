from conformance.flow import nodes
from conformance.flow.names import walk
from conformance.flow.syntax import parse
from tests.flow.sample import ANSWER, END, HEAD, INVITE, SEND


def test_every_step_keeps_its_line_and_column() -> None:
    flow = parse(HEAD + INVITE + ANSWER + SEND + END, "x.flow")
    assert [(item.place.line, item.place.column) for item in walk(flow.body)] == [
        (9, 3),
        (10, 3),
        (11, 3),
        (12, 3),
    ]


def test_everything_of_nodes_is_named() -> None:
    assert all(hasattr(nodes, name) for name in nodes.__all__)
