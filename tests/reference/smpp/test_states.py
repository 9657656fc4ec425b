from conformance.reference.smpp.pdu import Status
from conformance.reference.smpp.states import NO_ANSWER, Answer


def test_that_only_ok_takes_a_message():
    assert Answer(Status.ROK, "42").is_taken
    assert not Answer(Status.RMSGQFUL).is_taken
    assert not NO_ANSWER.is_taken
