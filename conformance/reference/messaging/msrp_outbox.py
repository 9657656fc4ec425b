"""What an MSRP session sends: messages in chunks, and their answers (RFC 4975 section 7.1)."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from conformance.msrp.chunking import Chunk, split
from conformance.reference.engine.component import Alarm, Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.msrp_link import request_octets

CHUNK = 2_048
"""Octets of a chunk that need not be interruptible (RFC 4975 section 7.1.1)."""

ANSWER_TIME = 30 * SECOND
"""How long the answer to a request is awaited, in ns (RFC 4975 section 7.1.1)."""

TIMEOUT, LOST = 408, 481
"""The status of a message that was not answered, and of one whose connection was lost."""

_WINDOW = 16


class Sender(Protocol):
    """The session whose messages these are."""

    @property
    def may_write(self) -> bool:
        """Whether it has its connection and knows the other end."""
        ...

    def paths(self) -> list[tuple[str, str]]:
        """To-Path and From-Path of a request."""
        ...

    def write(self, octets: bytes) -> None:
        """Send a message."""
        ...

    def message_sent(self, message_id: str) -> None:
        """A message has left whole, and was answered where answers are asked for."""
        ...

    def message_failed(self, message_id: str, status: int) -> None:
        """A message was refused, not answered, or cut short."""
        ...


@dataclass(slots=True, eq=False)
class Outgoing:
    """A message on its way: chunks not sent yet, and transactions that await their answer."""

    message_id: str
    content_type: str
    chunks: deque[Chunk]
    success_report: bool = False
    failure_report: str = "yes"
    told: Callable[[str, bool], None] | None = None
    awaited: dict[str, Alarm] = field(default_factory=dict)


def outgoing(message_id: str, content: bytes, content_type: str, chunk: int = CHUNK) -> Outgoing:
    """A message cut into chunks of so many octets."""
    return Outgoing(message_id, content_type, deque(split(content, chunk)))


class Outbox:
    """The messages of a session in order: one after the other, a window of chunks at a time."""

    def __init__(self, station: Station, sender: Sender) -> None:
        self._station = station
        self._sender = sender
        self._queue: deque[Outgoing] = deque()
        self._unanswered: list[Outgoing] = []

    def __len__(self) -> int:
        return len(self._queue) + len(self._unanswered)

    def put(self, message: Outgoing) -> None:
        """Have a message sent."""
        self._queue.append(message)
        self.pump()

    def pump(self) -> None:
        """Send chunks while not too many of them wait for their answers."""
        while self._queue and self._sender.may_write:
            message = self._queue[0]
            while message.chunks and len(message.awaited) < _WINDOW:
                self._send(message, message.chunks.popleft())
            if message.chunks:
                return
            self._queue.popleft()
            self._unanswered.append(message)
            self._conclude(message)

    def answered(self, transaction: str, status: int) -> None:
        """Take the answer to a chunk."""
        messages = (*self._unanswered, *self._queue)
        message = next((m for m in messages if transaction in m.awaited), None)
        if message is None:
            return
        message.awaited.pop(transaction).cancel()
        if status != 200:
            self._fail(message, status)
        elif message.chunks:
            self.pump()
        else:
            self._conclude(message)

    def clear(self) -> list[Outgoing]:
        """Forget every message; those that were not done."""
        found = [*self._unanswered, *self._queue]
        for message in found:
            _silence(message)
        self._unanswered.clear()
        self._queue.clear()
        return found

    def tell_failed(self, message: Outgoing, status: int) -> None:
        """Say that a message did not come through."""
        if message.told is not None:
            message.told(message.message_id, False)
        self._sender.message_failed(message.message_id, status)

    def _send(self, message: Outgoing, chunk: Chunk) -> None:
        start, end, total = chunk.byte_range
        fields = [*self._sender.paths(), ("Message-ID", message.message_id)]
        fields += [("Success-Report", "yes")] if message.success_report else []
        if message.failure_report != "yes":
            fields.append(("Failure-Report", message.failure_report))
        fields.append(("Byte-Range", f"{start}-{end}/{total}"))
        fields.append(("Content-Type", message.content_type))
        chance = self._station.chance
        transaction, octets = request_octets("SEND", fields, chance, chunk.body, chunk.flag)
        self._sender.write(octets)
        if message.failure_report == "yes":
            late = partial(self._fail, message, TIMEOUT)
            message.awaited[transaction] = self._station.after(ANSWER_TIME, late)

    def _conclude(self, message: Outgoing) -> None:
        """Be done with a message whose chunks have left and are all answered."""
        if message.awaited or message not in self._unanswered:
            return
        self._unanswered.remove(message)
        if message.told is not None:
            message.told(message.message_id, True)
        self._sender.message_sent(message.message_id)

    def _fail(self, message: Outgoing, status: int) -> None:
        """A chunk was refused or not answered: send no more of its message."""
        _silence(message)
        if message in self._unanswered:
            self._unanswered.remove(message)
        if message in self._queue:
            self._queue.remove(message)
        self.tell_failed(message, status)
        self.pump()


def _silence(message: Outgoing) -> None:
    for alarm in message.awaited.values():
        alarm.cancel()
    message.awaited.clear()
    message.chunks.clear()
