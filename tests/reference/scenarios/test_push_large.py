"""What is special in the scenarios of pushing large messages."""

from conformance.cpm.role import Role
from conformance.msrp.message import MsrpRequest
from conformance.reference.scenarios.catalogue import scenario
from tests.reference.scenarios.playing import Told, tell

PF, CORE, CLIENT = Role.PF, Role.CORE, Role.CLIENT


def told(name: str) -> Told:
    return tell(scenario("push-large", name))


def chunks(told_: Told) -> list[MsrpRequest]:
    found = told_.sent(PF, CLIENT)
    return [one for one in found if isinstance(one, MsrpRequest) and one.body]


def test_each_message_has_a_session_of_its_own():
    told_ = told("two-messages")
    assert len({one.call_id for one in told_.requests("INVITE", PF, CORE)}) == 2
    assert len({one.message_id for one in chunks(told_)}) == 2
    assert len(told_.requests("BYE", PF, CORE)) == 2


def test_it_goes_in_chunks():
    plain, small, huge = (len(chunks(told(n))) for n in ("base", "small-chunks", "huge"))
    assert 1 < plain < small < huge


def test_who_connects_is_as_was_agreed():
    # The side that connects is the one that speaks first.
    for name, first in (("base", CLIENT), ("passive-client", PF), ("active-offer", PF)):
        told_ = told(name)
        roles = told_.played.world.hosts
        ends = [(roles.get(one.source.host), one) for one in told_.messages]
        asked = [
            role
            for role, one in ends
            if isinstance(one.message, MsrpRequest)
            and {role, roles.get(one.destination.host)} == {PF, CLIENT}
        ]
        assert asked[0] is first, name


def test_large_ones_have_sessions_where_short_ones_have_none():
    told_ = told("chosen-by-size")
    assert told_.requests("INVITE", PF, CORE)
    assert not told_.requests("MESSAGE", PF, CORE)


def test_both_hang_up():
    told_ = told("crossing-byes")
    assert told_.requests("BYE", PF, CORE)
    assert told_.requests("BYE", CLIENT, CORE)


def test_the_client_rings_as_long_as_its_user_wants():
    told_ = told("slow-user")
    assert told_.times_of("delivered")[0] > 35


def test_a_filter_for_sip_shows_no_msrp():
    assert chunks(told("sip-only")) == []
