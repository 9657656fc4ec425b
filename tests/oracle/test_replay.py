"""A replay compares what the reference does with what was seen; nothing else is compared."""

from conformance.observation.packet import Endpoint
from conformance.oracle.bench import Bench
from conformance.oracle.difference import Kind
from conformance.oracle.replay import Replay
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Datagram, Station
from conformance.reference.transport.draft import Draft
from conformance.sip.parser import parse
from tests.oracle.samples import CLIENT, CORE, SECOND, item, request, response


class Answering:
    """A role that answers every request with one status, and explains nothing or one request."""

    def __init__(self, status=200, explains=None):
        self.station = Station(CLIENT.host, Chance("replay"))
        self.station.bind(CLIENT, self)
        self.bench = Bench([self.station], 0)
        self.status = status
        self.explains = explains

    def datagram(self, datagram):
        message = parse(datagram.octets)
        draft = Draft.response_to(message, self.status)
        if message.to_tag is None:
            draft.put("To", f"{message.header('To')};tag=mine")
        self.send(draft.octets(), datagram.source)

    def send(self, octets, towards: Endpoint = CORE):
        self.station.send(Datagram(CLIENT, towards, octets))

    def foresee(self, item, rest):
        pass

    def explain(self, item):
        if self.explains is None:
            return False
        self.send(self.explains.octets)
        self.bench.command(self.station)
        return True


def replayed(party, *items, until=10 * SECOND):
    return Replay(party, items).run(until).deviations


def test_an_answer_that_is_the_references_own_is_no_deviation():
    asked = request()
    answer = item(response(asked), incoming=False, time=1)
    assert replayed(Answering(), item(asked), answer) == []


def test_another_status_is_one():
    asked = request()
    answer = item(response(asked, 202), incoming=False, time=1)
    (found,) = replayed(Answering(), item(asked), answer)
    assert found.kind is Kind.OTHERWISE
    assert [one.field for one in found.differences] == ["status"]


def test_an_answer_that_never_came_is_a_silence():
    (found,) = replayed(Answering(), item(request()))
    assert (found.kind, found.item) == (Kind.SILENCE, None)


def test_what_the_reference_has_no_reason_to_send_is_a_surprise():
    sent = item(request(call_id="own"), incoming=False)
    (found,) = replayed(Answering(), sent)
    assert (found.kind, found.wanted) == (Kind.UNEXPECTED, None)


def test_what_the_user_did_explains_it():
    mine = request(call_id="reference")
    sent = item(request(call_id="own"), incoming=False)
    assert replayed(Answering(explains=mine), sent) == []


def test_a_later_answer_finds_the_references_request():
    mine, real = request(call_id="reference"), request(call_id="own")
    party = Answering(explains=mine)
    came = []
    party.datagram = lambda datagram: came.append(parse(datagram.octets))
    replayed(party, item(real, incoming=False), item(response(real, 202), time=1))
    assert [(one.call_id, one.status) for one in came] == [("reference", 202)]


def test_traffic_of_no_figure_is_not_compared():
    asked = request("OPTIONS")
    assert replayed(Answering(), item(asked)) == []
