"""A device under test as a client of the world: what its user is to do is told to an operator."""

from collections import deque
from collections.abc import Callable, Mapping

from conformance.body.deferred_list import Entry
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.messaging.content import CpmMessage
from conformance.suite.commands import NOTHING, Command

Operate = Callable[[Command], None]
"""Tells whoever operates a device what is to be done."""

_PLACES = 99


class Operated(CpmClient):
    """A device under test: its commands are told, and it does nothing here."""

    operate: Operate

    def prepare(self) -> None:
        """Make ready: places in the list stand for what its user has been told of."""
        super().prepare()
        places = (str(place) for place in range(1, _PLACES + 1))
        self.listed = {place: Entry(place) for place in places}

    def register(self) -> None:
        """Let the device register."""
        self.operate(Command("register"))

    def deregister(self) -> None:
        """Let the device take its registration back."""
        self.operate(Command("deregister"))

    def send_pager(self, to: str, text: str | bytes, **_: object) -> None:  # type: ignore[override]
        """Let its user send a message."""
        self.operate(Command("send", (to, _text(text))))

    def send_large(self, to: str, content: str | bytes, **_: object) -> None:  # type: ignore[override]
        """Let its user send a large message."""
        self.operate(Command("send-large", (to, _text(content))))

    def start_chat(self, to: str, text: str = "", **_: object) -> None:  # type: ignore[override]
        """Let its user start a chat."""
        self.operate(Command("chat", (to, text)))

    def subscribe_deferred(self) -> None:  # type: ignore[override]
        """Let it subscribe to the list of deferred messages."""
        self.operate(Command("subscribe"))

    def unsubscribe_deferred(self) -> None:
        """Let it end that subscription."""
        self.operate(Command("unsubscribe"))

    def reply(self, message: CpmMessage, text: str) -> None:
        """Let its user answer what came last."""
        self.operate(Command("reply", (text,)))

    @property
    def received(self) -> "deque[CpmMessage]":
        """What it has received nobody here knows: something stands for it."""
        return deque([CpmMessage("", "", "", b"")])

    def select(self, actions: Mapping[str, str] | str | None = None) -> None:
        """Let its user choose, one action after the other as the list has the messages."""
        if isinstance(actions, Mapping):
            words = tuple(action or NOTHING for action in actions.values())
            self.operate(Command("choose", words))
        elif actions is not None:
            self.operate(Command("select", (actions,)))

    def decline(self) -> None:
        """Let its user wish to receive nothing from now on."""
        self.operate(Command("decline"))

    def send_register(self, seconds: int) -> None:
        """Let it register for so long; that is the device's own choice."""
        self.operate(Command("register" if seconds else "deregister"))


def operated(operate: Operate) -> type[CpmClient]:
    """A client's class for a device that somebody operates."""
    return type("OperatedDevice", (Operated,), {"operate": staticmethod(operate)})


def _text(content: str | bytes) -> str:
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content
