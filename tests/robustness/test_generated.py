"""The captures made for measuring conform: how fast violations are told is another question."""

import pytest

from benchmarks.generate import Shape, conversation, makers
from conformance.verifier.verdict import Verdict
from tests.verifying import verify

# Those of flows alone: what is ordinary gives no instance.
MADE = [
    (kind, number)
    for kind in ("A", "D")
    for number, make in enumerate(makers(kind))
    if "ordinary" not in make.__module__
]


@pytest.mark.parametrize(("kind", "number"), MADE)
@pytest.mark.parametrize("ipv6", [False, True])
def test_that_a_generated_conversation_conforms(kind: str, number: int, ipv6: bool) -> None:
    shape = Shape(kind, packets=1, ipv6=ipv6)
    results = verify(conversation(makers(kind)[number], number, shape)).results
    assert {one.verdict for one in results} == {Verdict.PASS}
