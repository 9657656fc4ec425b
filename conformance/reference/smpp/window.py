"""Requests of an SMPP session that wait for their response, and those that wait for a place."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from conformance.reference.engine.component import Alarm, Station
from conformance.reference.smpp.pdu import MAX_SEQUENCE, Pdu

MAX_WAITING = 10_000
"""Requests that wait for a place in the window."""

Told = Callable[[Pdu | None], None]
"""Is told the response, or None where none came."""


class _Outstanding(NamedTuple):
    request: Pdu
    told: Told
    alarm: Alarm


class Window:
    """At most so many requests without a response at once (SMPP 3.4 section 2.9).

    It numbers the requests from 1, and tells each of its response, once; of none after
    `timeout` ns, or when the session is over.
    """

    def __init__(
        self, station: Station, size: int, timeout: int, send: Callable[[Pdu], None]
    ) -> None:
        self._station = station
        self._size = size
        self._timeout = timeout
        self._send = send
        self._last = 0
        self._outstanding: dict[int, _Outstanding] = {}
        self._waiting: deque[tuple[Pdu, Told]] = deque()

    @property
    def outstanding(self) -> int:
        """How many requests wait for their response."""
        return len(self._outstanding)

    def request(self, pdu: Pdu, told: Told) -> bool:
        """Send a request when there is a place for it; False where too many wait already.

        The sequence number is the window's to give.
        """
        if len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting.append((pdu, told))
        self._advance()
        return True

    def urgent(self, pdu: Pdu, told: Told) -> None:
        """Send a request at once, such as one that keeps the session."""
        self._dispatch(pdu, told)

    def answered(self, response: Pdu) -> bool:
        """Take a response; False where nothing waits for it.

        A generic_nack answers whatever has its sequence number (section 4.3).
        """
        found = self._outstanding.get(response.sequence)
        if found is None or not _answers(response, found.request):
            return False
        del self._outstanding[response.sequence]
        found.alarm.cancel()
        found.told(response)
        self._advance()
        return True

    def abandon(self) -> None:
        """Give up: everybody who waits is told of no response."""
        outstanding, self._outstanding = self._outstanding, {}
        waiting, self._waiting = self._waiting, deque()
        for found in outstanding.values():
            found.alarm.cancel()
            found.told(None)
        for _, told in waiting:
            told(None)

    def _advance(self) -> None:
        while self._waiting and len(self._outstanding) < self._size:
            self._dispatch(*self._waiting.popleft())

    def _dispatch(self, pdu: Pdu, told: Told) -> None:
        while True:
            self._last = self._last % MAX_SEQUENCE + 1
            if self._last not in self._outstanding:
                break
        number = self._last
        alarm = self._station.after(self._timeout, lambda: self._unanswered(number))
        request = Pdu(pdu.command, number, pdu.body, 0, pdu.tlvs)
        self._outstanding[number] = _Outstanding(request, told, alarm)
        self._send(request)

    def _unanswered(self, number: int) -> None:
        found = self._outstanding.pop(number, None)
        if found is not None:
            found.told(None)
            self._advance()


def _answers(response: Pdu, request: Pdu) -> bool:
    is_nack = response.command.is_response and response.command & 0xFFFF == 0
    return is_nack or response.command == request.command.response
