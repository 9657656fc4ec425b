import builtins
import urllib.request

import pytest

from conformance.cli.metrics import Metrics
from conformance.suite.errors import ConformanceError
from tests.report.samples import failed_pull


def test_the_numbers_can_be_fetched(session) -> None:
    pytest.importorskip("prometheus_client")
    with Metrics(0, session) as metrics:
        session.run()
        metrics.beat()
        metrics.settled(failed_pull())
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics.port}/metrics") as page:
            text = page.read().decode()
    assert "cpmspec_open 0.0" in text
    assert 'cpmspec_instances_total{flow="pull",verdict="fail"} 1.0' in text


def test_a_port_in_use_is_told(session) -> None:
    pytest.importorskip("prometheus_client")
    with Metrics(0, session) as metrics, pytest.raises(ConformanceError, match="listen"):
        Metrics(metrics.port, session)


def test_without_the_package_there_is_one_clear_line(session, monkeypatch) -> None:
    real = builtins.__import__

    def lacking(name, *more):
        if name == "prometheus_client":
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(ConformanceError, match="prometheus-client"):
        Metrics(0, session)
