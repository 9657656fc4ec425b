"""A gateway and a message centre over SMPP: binding, messages, receipts (SMPP 3.4)."""

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.interworking.site import SMPP
from conformance.reference.legs.smpp_leg import CentreLeg, EsmeLeg
from conformance.reference.remote.non_cpm_client import NonCpmSettings
from conformance.reference.smpp.pdu import Command, Pdu, SmppStream, parse
from tests.reference.interworking.world import ALICE_TEL, GATEWAY, LONG, World
from tests.reference.wiring import Wire

CENTRE = Endpoint("10.0.5.1", 2775)


def sent(world: World, host: str) -> list[Pdu]:
    """The protocol data units that a host sent."""
    stream, found = SmppStream(), []
    for carried in world.wire.carried:
        if carried.source.host == host and carried.transport is Transport.TCP:
            found += [
                pdu for pdu in map(parse, stream.feed(carried.octets)) if isinstance(pdu, Pdu)
            ]
    return found


def commands(world: World, host: str) -> list[Command]:
    return [pdu.command for pdu in sent(world, host)]


def test_the_gateway_binds_and_submits_and_is_told_by_a_receipt() -> None:
    world = World(SMPP)
    world.core.send("Are you coming?", wants=("positive-delivery",))
    world.run(10)
    assert commands(world, GATEWAY.host) == [
        Command.BIND_TRANSCEIVER,
        Command.SUBMIT_SM,
        Command.DELIVER_SM_RESP,
    ]
    assert commands(world, CENTRE.host) == [
        Command.BIND_TRANSCEIVER_RESP,
        Command.SUBMIT_SM_RESP,
        Command.DELIVER_SM,
    ]


def test_segments_carry_a_header_and_one_receipt_each() -> None:
    world = World(SMPP)
    world.core.send(LONG, wants=("positive-delivery",))
    world.run(10)
    submitted = [pdu.body for pdu in sent(world, GATEWAY.host) if pdu.command is Command.SUBMIT_SM]
    assert [body.esm_class for body in submitted if body] == [0x40] * 3
    assert commands(world, CENTRE.host).count(Command.DELIVER_SM) == 3


def test_nothing_is_registered_that_nobody_asked_for() -> None:
    world = World(SMPP)
    world.core.send("Are you coming?")
    world.run(10)
    assert Command.DELIVER_SM not in commands(world, CENTRE.host)


def test_a_centre_delivers_and_waits_for_the_response() -> None:
    world = World(SMPP)
    world.core.status = 404
    world.noncpm.send(ALICE_TEL, "Nine o'clock")
    world.run(10)
    (response,) = [p for p in sent(world, GATEWAY.host) if p.command is Command.DELIVER_SM_RESP]
    assert response.status == 0x0B


def test_a_wrong_name_or_password_is_not_admitted() -> None:
    for name, password in (("Other", ""), ("IWF", "wrong")):
        wire = Wire()
        esme = EsmeLeg(
            wire.add(Station(GATEWAY.host, Chance("esme"))),
            CENTRE,
            system_id=name,
            password=password,
        )
        centre = CentreLeg(wire.add(Station(CENTRE.host, Chance("smsc"))), CENTRE)
        esme.start()
        wire.run(seconds=5)
        assert not esme.is_up
        assert not centre.is_up
        assert len(wire.noted("unbound")) >= 1


def test_the_gateway_binds_again_when_the_session_is_lost() -> None:
    world = World(SMPP)
    leg = world.noncpm.legs[SMPP]
    leg.session.close()
    world.run(5)
    assert not world.gateway.legs[SMPP].is_up
    world.run(10)
    assert world.gateway.legs[SMPP].is_up


def test_a_centre_without_a_word_is_no_answer() -> None:
    world = World(SMPP, noncpm=NonCpmSettings(is_silent=True))
    world.core.send("Are you coming?")
    world.run(28)
    assert world.core.statuses == [504]


def test_a_message_that_asks_for_validity_has_it() -> None:
    world = World(SMPP)
    world.core.send("Are you coming?", expires="3600")
    world.run(5)
    (pdu,) = [p for p in sent(world, GATEWAY.host) if p.command is Command.SUBMIT_SM]
    assert pdu.body is not None
    assert pdu.body.validity_period == "000000010000000R"
