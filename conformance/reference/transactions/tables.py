"""The transactions of SIP as tables: RFC 3261 section 17 as corrected by RFC 6026.

An input that has no row changes nothing. What an action means is for `client` and `server` to
say; a timer that is zero over a reliable transport fires at once.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """The states of figures 5 to 8 of RFC 3261 and of RFC 6026."""

    INITIAL = "Initial"
    CALLING = "Calling"
    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    ACCEPTED = "Accepted"
    CONFIRMED = "Confirmed"
    TERMINATED = "Terminated"


class Input(StrEnum):
    """What a transaction is told: by the user, by the transport, by its timers."""

    START = "start"
    REQUEST = "request"
    ACK = "ACK"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "300-699"
    TRANSPORT_ERROR = "transport error"
    CANCELLED = "no final response after CANCEL"
    TIMER_A = "A"
    TIMER_B = "B"
    TIMER_C = "C"
    TIMER_D = "D"
    TIMER_E = "E"
    TIMER_F = "F"
    TIMER_G = "G"
    TIMER_H = "H"
    TIMER_I = "I"
    TIMER_J = "J"
    TIMER_K = "K"
    TIMER_L = "L"
    TIMER_M = "M"
    TIMER_TRYING = "100"


class Action(StrEnum):
    """What a transaction does."""

    SEND = "send"
    RESEND = "send again"
    SEND_ACK = "send ACK"
    SEND_TRYING = "send 100"
    SEND_CANCEL = "send CANCEL"
    TELL = "tell the user"
    TELL_TIMEOUT = "tell of the timeout"
    TELL_TRANSPORT = "tell of the transport's failure"
    START_A = "start A"
    START_B = "start B"
    START_C = "start C"
    START_D = "start D"
    START_E = "start E"
    START_F = "start F"
    START_G = "start G"
    START_H = "start H"
    START_I = "start I"
    START_J = "start J"
    START_K = "start K"
    START_L = "start L"
    START_M = "start M"
    START_TRYING = "start 100"


Row = tuple[State, tuple[Action, ...]]
Table = Mapping[tuple[State, Input], Row]

_I, _A, _S = Input, Action, State

INVITE_CLIENT: Table = {
    (_S.INITIAL, _I.START): (_S.CALLING, (_A.SEND, _A.START_A, _A.START_B)),
    (_S.CALLING, _I.TIMER_A): (_S.CALLING, (_A.RESEND, _A.START_A)),
    (_S.CALLING, _I.TIMER_B): (_S.TERMINATED, (_A.TELL_TIMEOUT,)),
    (_S.CALLING, _I.TRANSPORT_ERROR): (_S.TERMINATED, (_A.TELL_TRANSPORT,)),
    (_S.CALLING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.START_C, _A.TELL)),
    (_S.CALLING, _I.SUCCESS): (_S.ACCEPTED, (_A.START_M, _A.TELL)),
    (_S.CALLING, _I.FAILURE): (_S.COMPLETED, (_A.SEND_ACK, _A.START_D, _A.TELL)),
    (_S.PROCEEDING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.START_C, _A.TELL)),
    (_S.PROCEEDING, _I.SUCCESS): (_S.ACCEPTED, (_A.START_M, _A.TELL)),
    (_S.PROCEEDING, _I.FAILURE): (_S.COMPLETED, (_A.SEND_ACK, _A.START_D, _A.TELL)),
    # RFC 3261 section 16.8, and 9.1 for a CANCEL that brings no final response.
    (_S.PROCEEDING, _I.TIMER_C): (_S.PROCEEDING, (_A.SEND_CANCEL,)),
    (_S.PROCEEDING, _I.CANCELLED): (_S.TERMINATED, (_A.TELL_TIMEOUT,)),
    (_S.COMPLETED, _I.FAILURE): (_S.COMPLETED, (_A.SEND_ACK,)),
    (_S.COMPLETED, _I.TRANSPORT_ERROR): (_S.TERMINATED, (_A.TELL_TRANSPORT,)),
    (_S.COMPLETED, _I.TIMER_D): (_S.TERMINATED, ()),
    (_S.ACCEPTED, _I.SUCCESS): (_S.ACCEPTED, (_A.TELL,)),
    (_S.ACCEPTED, _I.TIMER_M): (_S.TERMINATED, ()),
}
"""RFC 3261 section 17.1.1, figure 5; RFC 6026 section 7.2."""

CLIENT: Table = {
    (_S.INITIAL, _I.START): (_S.TRYING, (_A.SEND, _A.START_E, _A.START_F)),
    (_S.TRYING, _I.TIMER_E): (_S.TRYING, (_A.RESEND, _A.START_E)),
    (_S.TRYING, _I.TIMER_F): (_S.TERMINATED, (_A.TELL_TIMEOUT,)),
    (_S.TRYING, _I.TRANSPORT_ERROR): (_S.TERMINATED, (_A.TELL_TRANSPORT,)),
    (_S.TRYING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.TELL,)),
    (_S.TRYING, _I.SUCCESS): (_S.COMPLETED, (_A.START_K, _A.TELL)),
    (_S.TRYING, _I.FAILURE): (_S.COMPLETED, (_A.START_K, _A.TELL)),
    (_S.PROCEEDING, _I.TIMER_E): (_S.PROCEEDING, (_A.RESEND, _A.START_E)),
    (_S.PROCEEDING, _I.TIMER_F): (_S.TERMINATED, (_A.TELL_TIMEOUT,)),
    (_S.PROCEEDING, _I.TRANSPORT_ERROR): (_S.TERMINATED, (_A.TELL_TRANSPORT,)),
    (_S.PROCEEDING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.TELL,)),
    (_S.PROCEEDING, _I.SUCCESS): (_S.COMPLETED, (_A.START_K, _A.TELL)),
    (_S.PROCEEDING, _I.FAILURE): (_S.COMPLETED, (_A.START_K, _A.TELL)),
    (_S.COMPLETED, _I.TIMER_K): (_S.TERMINATED, ()),
}
"""RFC 3261 section 17.1.2, figure 6."""

INVITE_SERVER: Table = {
    (_S.INITIAL, _I.REQUEST): (_S.PROCEEDING, (_A.START_TRYING, _A.TELL)),
    (_S.PROCEEDING, _I.REQUEST): (_S.PROCEEDING, (_A.RESEND,)),
    (_S.PROCEEDING, _I.TIMER_TRYING): (_S.PROCEEDING, (_A.SEND_TRYING,)),
    (_S.PROCEEDING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.SEND,)),
    (_S.PROCEEDING, _I.SUCCESS): (_S.ACCEPTED, (_A.SEND, _A.START_L)),
    (_S.PROCEEDING, _I.FAILURE): (_S.COMPLETED, (_A.SEND, _A.START_G, _A.START_H)),
    # A failure of the transport leaves the state as it is (RFC 6026 section 7.1).
    (_S.PROCEEDING, _I.TRANSPORT_ERROR): (_S.PROCEEDING, (_A.TELL_TRANSPORT,)),
    (_S.ACCEPTED, _I.REQUEST): (_S.ACCEPTED, ()),
    (_S.ACCEPTED, _I.SUCCESS): (_S.ACCEPTED, (_A.SEND,)),
    (_S.ACCEPTED, _I.ACK): (_S.ACCEPTED, (_A.TELL,)),
    (_S.ACCEPTED, _I.TRANSPORT_ERROR): (_S.ACCEPTED, (_A.TELL_TRANSPORT,)),
    (_S.ACCEPTED, _I.TIMER_L): (_S.TERMINATED, ()),
    (_S.COMPLETED, _I.REQUEST): (_S.COMPLETED, (_A.RESEND,)),
    (_S.COMPLETED, _I.TIMER_G): (_S.COMPLETED, (_A.RESEND, _A.START_G)),
    (_S.COMPLETED, _I.ACK): (_S.CONFIRMED, (_A.START_I,)),
    (_S.COMPLETED, _I.TIMER_H): (_S.TERMINATED, (_A.TELL_TIMEOUT,)),
    (_S.COMPLETED, _I.TRANSPORT_ERROR): (_S.COMPLETED, (_A.TELL_TRANSPORT,)),
    (_S.CONFIRMED, _I.ACK): (_S.CONFIRMED, ()),
    (_S.CONFIRMED, _I.TIMER_I): (_S.TERMINATED, ()),
}
"""RFC 3261 section 17.2.1, figure 7; RFC 6026 section 7.1."""

SERVER: Table = {
    # Nobody waits any more when the client's F has fired (RFC 4320 section 4.2).
    (_S.INITIAL, _I.REQUEST): (_S.TRYING, (_A.START_F, _A.TELL)),
    (_S.TRYING, _I.TIMER_F): (_S.TERMINATED, ()),
    (_S.PROCEEDING, _I.TIMER_F): (_S.TERMINATED, ()),
    (_S.TRYING, _I.REQUEST): (_S.TRYING, ()),
    (_S.TRYING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.SEND,)),
    (_S.TRYING, _I.SUCCESS): (_S.COMPLETED, (_A.SEND, _A.START_J)),
    (_S.TRYING, _I.FAILURE): (_S.COMPLETED, (_A.SEND, _A.START_J)),
    (_S.PROCEEDING, _I.REQUEST): (_S.PROCEEDING, (_A.RESEND,)),
    (_S.PROCEEDING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.SEND,)),
    (_S.PROCEEDING, _I.SUCCESS): (_S.COMPLETED, (_A.SEND, _A.START_J)),
    (_S.PROCEEDING, _I.FAILURE): (_S.COMPLETED, (_A.SEND, _A.START_J)),
    (_S.PROCEEDING, _I.TRANSPORT_ERROR): (_S.TERMINATED, (_A.TELL_TRANSPORT,)),
    (_S.COMPLETED, _I.REQUEST): (_S.COMPLETED, (_A.RESEND,)),
    (_S.COMPLETED, _I.TRANSPORT_ERROR): (_S.TERMINATED, (_A.TELL_TRANSPORT,)),
    (_S.COMPLETED, _I.TIMER_J): (_S.TERMINATED, ()),
}
"""RFC 3261 section 17.2.2, figure 8; RFC 4320."""


def of_status(status: int) -> Input:
    """The input that a response is, by its status."""
    if status < 200:
        return Input.PROVISIONAL
    return Input.SUCCESS if status < 300 else Input.FAILURE
