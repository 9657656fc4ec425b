import pytest

from conformance.suite.errors import ConformanceError
from conformance.suite.ics import read_ics

FLOWS = ("pull", "pull-notify", "push")


def test_flows_answered_with_false_are_not_claimed(tmp_path) -> None:
    path = tmp_path / "ics.toml"
    path.write_text('supplier = "Lab"\n[flows]\npull = true\npull-notify = false\n')
    assert read_ics(str(path), FLOWS) == ("pull-notify",)


@pytest.mark.parametrize(
    "text", ["[flows]\npul = true", "[flows]\npull = 'no'", "flows = 1", "other = 1"]
)
def test_a_wrong_statement_is_refused(tmp_path, text) -> None:
    path = tmp_path / "ics.toml"
    path.write_text(text)
    with pytest.raises(ConformanceError):
        read_ics(str(path), FLOWS)
