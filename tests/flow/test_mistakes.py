import pytest

from conformance.flow.errors import FlowSyntaxError
from conformance.flow.mistakes import MISTAKES
from conformance.flow.syntax import parse

ROWS = [(sentence, example) for sentence, examples in MISTAKES.items() for example in examples]


@pytest.mark.parametrize(("sentence", "example"), ROWS)
def test_each_example_is_malformed_and_says_its_own_sentence(sentence: str, example: str) -> None:
    with pytest.raises(FlowSyntaxError) as caught:
        parse(example, "x.flow")
    assert caught.value.sentence == sentence
    assert caught.value.line >= 1


def test_there_are_many_examples() -> None:
    assert len(ROWS) > 100
