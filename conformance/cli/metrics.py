"""How a watch stands, for Prometheus, on a port of the loopback interface."""

from types import TracebackType
from typing import Self

from conformance.cli.standing import Silent, Standing, status
from conformance.suite.errors import ConformanceError
from conformance.verifier.verdict import InstanceResult

_HOST = "127.0.0.1"
_GAUGES = {
    "open": "Conversations that are open.",
    "held": "Messages that wait to be judged.",
    "roles": "Addresses whose role is known.",
    "pending": "Octets in files, or packets, that wait to be read.",
    "lag": "Seconds by which what is read lies behind what happens.",
    "packets": "Packets read.",
    "sip_messages": "SIP messages read.",
    "msrp_messages": "MSRP messages read.",
    "malformed": "Messages that break the grammar.",
    "gaps": "Places where something could not be seen.",
    "dropped": "Packets that the capturing host lost.",
    "evicted": "Conversations that were let go before they were over.",
}


class Metrics(Silent):
    """Serves metrics until it is closed; ConformanceError without prometheus-client or port."""

    def __init__(self, port: int, session: Standing) -> None:
        try:
            import prometheus_client as client
        except ImportError:
            sentence = "metrics need the package prometheus-client (pip install cpmspec[metrics])"
            raise ConformanceError(sentence) from None
        self._session = session
        registry = client.CollectorRegistry()
        self._gauges = {
            name: client.Gauge(f"cpmspec_{name}", sentence, registry=registry)
            for name, sentence in _GAUGES.items()
        }
        self._instances = client.Counter(
            "cpmspec_instances", "Instances by verdict.", ["flow", "verdict"], registry=registry
        )
        try:
            self._server, self._thread = client.start_http_server(port, _HOST, registry)
        except OSError as error:
            place = f"--metrics {port}"
            raise ConformanceError(f"nothing can listen there: {error.strerror}", place) from None
        self.port = int(self._server.server_port)

    def settled(self, instance: InstanceResult) -> None:
        """Count it."""
        self._instances.labels(instance.flow, instance.verdict).inc()

    def beat(self) -> None:
        """Take the numbers of now."""
        now = status(self._session)
        for name, gauge in self._gauges.items():
            gauge.set(float(now[name] or 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
