from conformance.observation.packet import Endpoint
from conformance.suite.wrong_moment import after_garbage, base, case_of, said_by, twice

PEER = Endpoint("127.78.0.9", 5060)
MESSAGE = b"MESSAGE sip:a@b SIP/2.0\r\nCSeq: 1 MESSAGE\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
ANSWER = b"SIP/2.0 200 OK\r\nCSeq: 1 MESSAGE\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"


def test_a_request_comes_twice_and_its_answer_once():
    assert twice("MESSAGE")(MESSAGE, PEER) == [MESSAGE, MESSAGE]
    assert twice("INVITE")(MESSAGE, PEER) == [MESSAGE]
    assert twice("MESSAGE")(ANSWER, PEER) == [ANSWER]


def test_garbage_goes_before_requests_only():
    *garbage, last = after_garbage(MESSAGE, PEER)
    assert last == MESSAGE
    assert len(garbage) == 3
    assert after_garbage(ANSWER, PEER) == [ANSWER]
    assert after_garbage(b"MSRP a SEND\r\n", PEER) == [b"MSRP a SEND\r\n"]


def test_a_case_is_the_plain_scenario_but_for_what_is_said():
    fault = said_by("core", "core-says-it-twice", twice("MESSAGE"))
    case = case_of("client", "push-pager", "message-twice", "twice", fault, devices=2)
    plain = base("push-pager")
    assert (case.id, case.kind) == ("client/push-pager/message-twice", "inopportune")
    assert case.scenario.script is plain.script
    assert case.scenario.faults == (fault,)
    assert case.scenario.setting.devices == 2
    assert case_of("client", "push", "x", "x", patience=5).patience == 5
