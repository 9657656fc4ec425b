import pytest

from conformance.capture.errors import CaptureError
from conformance.cli.demo_trace import ROLES, write_demo
from conformance.suite.errors import ConformanceError
from conformance.suite.fixtures import reading, rehearsing, verifying
from conformance.suite.setting import Setting
from conformance.verifier.verdict import Verdict
from tests.report.samples import BEGIN


@pytest.fixture
def demo(tmp_path):
    path = tmp_path / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    return path


def test_a_capture_is_read(demo) -> None:
    trace = reading(Setting())(demo)
    assert len(trace.items) == trace.health.packets == 11


def test_a_capture_is_judged_with_roles_and_one_flow_by_name(demo) -> None:
    verify = verifying(Setting())
    report = verify(demo, roles=ROLES, flow="push-pager")
    assert report.verdict is Verdict.PASS
    assert [one.id for one in report.flows] == ["push-pager"]
    assert verify(demo, flow="push-pager").roles != report.roles


def test_a_flow_is_played_into_the_folder(tmp_path) -> None:
    played = rehearsing(Setting(), tmp_path)("push-pager", seed=3)
    assert played.path.parent == tmp_path
    assert played.verify().verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda path: reading(Setting())(path / "absent"), CaptureError),
        (lambda path: verifying(Setting())(path / "absent"), CaptureError),
        (lambda path: verifying(Setting())(path, flow="pul"), CaptureError),
        (lambda path: rehearsing(Setting(), path)("pul"), ConformanceError),
    ],
)
def test_a_mistake_shows_at_the_line_that_makes_it(tmp_path, call, error) -> None:
    with pytest.raises(error) as raised:
        call(tmp_path)
    assert raised.value.__suppress_context__ or raised.value.__cause__ is None
