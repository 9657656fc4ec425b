"""A client becomes available and stays so."""

from conformance.reference.client.cpm_client import ClientSettings
from conformance.reference.engine.timer import SECOND
from tests.reference.client.home import ALICE, World

HOUR = ClientSettings(registration=3_600 * SECOND)


def test_it_registers_its_device_with_its_services() -> None:
    world = World(HOUR)
    world.client.register()
    world.run(5)

    (request,) = world.home.of("REGISTER")
    contact = request.header("Contact") or ""
    assert request.uri == "sip:home-a.example"
    assert f"<{ALICE}>" in (request.header("To") or "")
    assert contact.startswith('<sip:alice@10.0.2.20:5060>;+sip.instance="<urn:uuid:')
    assert "cpm.msg,urn%3A" in contact
    assert contact.endswith(";expires=3600")
    assert world.client.is_registered
    assert world.noted("registered") == [{"expires": "3600"}]


def test_it_refreshes_before_the_time_is_up() -> None:
    world = World(HOUR)
    world.client.register()
    world.run(2_990)
    assert len(world.home.of("REGISTER")) == 1

    world.run(20)

    first, second = world.home.of("REGISTER")
    assert first.call_id == second.call_id
    assert first.cseq < second.cseq
    assert len(world.noted("registered")) == 1


def test_it_takes_the_registration_back_and_refreshes_no_more() -> None:
    world = World(HOUR)
    world.client.register()
    world.run(5)
    world.client.deregister()
    world.run(7_200)

    assert [(r.header("Contact") or "")[-10:] for r in world.home.of("REGISTER")] == [
        "pires=3600",
        ";expires=0",
    ]
    assert not world.client.is_registered
    assert world.noted("deregistered") == [{}]


def test_it_sends_along_the_service_route() -> None:
    world = World()
    world.home.extra["REGISTER"] = [("Service-Route", "<sip:orig@10.0.1.9:5060;lr>")]
    world.client.register()
    world.run(5)
    world.client.send_pager("sip:bob@home-b.example", "Hello")
    world.run(5)

    (message,) = world.home.of("MESSAGE")
    assert message.headers("Route") == ("<sip:10.0.1.1:5060;lr>", "<sip:orig@10.0.1.9:5060;lr>")


def test_a_service_route_at_the_proxy_is_not_doubled() -> None:
    world = World()
    world.home.extra["REGISTER"] = [("Service-Route", "<sip:orig@10.0.1.1:5060;lr>")]
    world.client.register()
    world.run(5)

    assert world.client.agent.routes == ("<sip:orig@10.0.1.1:5060;lr>",)


def test_a_longer_time_that_the_registrar_wants_is_taken() -> None:
    world = World(ClientSettings(registration=60 * SECOND))
    world.home.status["REGISTER"] = 423
    world.home.extra["REGISTER"] = [("Min-Expires", "600")]
    world.client.register()
    world.run(5)

    assert [(r.header("Contact") or "")[-11:] for r in world.home.of("REGISTER")] == [
        ";expires=60",
        "expires=600",
    ]


def test_a_refusal_is_noted() -> None:
    world = World()
    world.home.status["REGISTER"] = 403
    world.client.register()
    world.run(5)

    assert world.noted("register-failed") == [{"status": "403"}]
    assert not world.client.is_registered


def test_silence_is_met_by_another_try() -> None:
    world = World()
    world.wire.loses = lambda carried: carried.start.startswith("REGISTER")
    world.client.register()
    world.run(150)
    assert world.noted("register-failed")

    world.wire.loses = lambda carried: False
    world.run(60)

    assert world.client.is_registered


def test_one_that_does_not_refresh_lets_its_registration_end() -> None:
    world = World(ClientSettings(registration=600 * SECOND, refreshes=False))
    world.client.register()
    world.run(599)
    assert world.client.is_registered

    world.run(5)

    assert not world.client.is_registered
    assert len(world.home.of("REGISTER")) == 1
