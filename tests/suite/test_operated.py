from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.world.setting import BOB
from conformance.reference.world.world import World
from conformance.suite.operated import operated


def test_the_commands_of_a_device_that_somebody_operates_are_told():
    # given
    asked = []
    world = World(classes={"client": operated(asked.append)})
    client = world.client
    assert isinstance(client, CpmClient)
    # when
    client.register()
    client.send_pager(BOB, b"octets")
    client.send_large(BOB, "much")
    client.start_chat(BOB, "talk?")
    client.subscribe_deferred()
    client.unsubscribe_deferred()
    client.reply(client.received[-1], "so do I")
    client.select(dict(zip(client.listed, ("discard", ""), strict=False)))
    client.select("retrieve")
    client.decline()
    client.send_register(60)
    client.deregister()
    # then
    assert [str(one) for one in asked] == [
        "register",
        f"send {BOB} octets",
        f"send-large {BOB} much",
        f"chat {BOB} 'talk?'",
        "subscribe",
        "unsubscribe",
        "reply 'so do I'",
        "choose discard none",
        "select retrieve",
        "decline",
        "register",
        "deregister",
    ]
    assert client.station.effects() == []
