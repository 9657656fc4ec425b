import time

import pytest

from conformance.live.clock import Clock
from conformance.observation.packet import Endpoint
from conformance.suite.bench_setting import BenchSetting, endpoint_of
from conformance.suite.commands import Command
from conformance.suite.drive import drive, prepared, prompting
from conformance.suite.errors import ConformanceError
from conformance.suite.test_cases import select

ELSEWHERE = Endpoint("192.0.2.9", 5060)


def test_our_parties_follow_a_device_to_its_loopback_network():
    found = prepared("pf", endpoint_of("127.90.3.1", "test"), BenchSetting())
    assert found.world.host("core") == "127.90.1.1"
    assert found.world.host("pf") == "127.90.3.1"


def test_a_device_elsewhere_must_be_able_to_reach_our_parties():
    with pytest.raises(ConformanceError, match="say where core, pf listen"):
        prepared("client", ELSEWHERE, BenchSetting())
    bench = BenchSetting().at("core", Endpoint("192.0.2.1", 5060))
    found = prepared("client", ELSEWHERE, bench.at("pf", Endpoint("192.0.2.3", 5060)))
    assert found.world.host("client") == "192.0.2.9"


def test_two_parties_cannot_be_at_one_place():
    bench = BenchSetting().at("core", ELSEWHERE).at("pf", Endpoint("192.0.2.3", 5060))
    with pytest.raises(ConformanceError, match=r"both be at 192.0.2.9:5060"):
        prepared("client", ELSEWHERE, bench)


def test_an_address_of_ours_that_is_no_address_here_is_a_clear_error():
    bench = BenchSetting().at("core", Endpoint("192.0.2.1", 5060))
    bench = prepared("client", ELSEWHERE, bench.at("pf", Endpoint("192.0.2.3", 5060)))
    (case,) = select("client", [], ["push/base"])
    clock = Clock(time.monotonic_ns, 0, 100)
    with pytest.raises(ConformanceError, match=r"no address of this machine"):
        drive(case, bench, clock, print, print, is_open=lambda *_: False)


def test_who_operates_without_a_program_reads_what_to_do():
    said = []
    prompting(said.append)(Command("send", ("sip:a@b", "x y")))
    assert said == ["operator: let the device do this now: send sip:a@b 'x y'"]
