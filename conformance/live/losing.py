"""A party whose connection is lost in the middle of an MSRP message, or between two."""

from conformance.msrp.frames import looks_like_msrp
from conformance.reference.engine.component import Close, Closed, Connection, Effect, Event, Octets
from conformance.reference.network.network import Hosted
from conformance.reference.network.wrapped import Wrapped

MIN_CONTENT = 200
"""Octets of a message that is cut; shorter ones bind a session or answer."""


class LosesConnection(Wrapped):
    """A component whose `nth` MSRP message with content is cut in the middle, connection and all.

    The component learns it as it would of a network that fails.
    """

    def __init__(self, component: Hosted, nth: int = 1) -> None:
        super().__init__(component)
        self._left = nth

    def _passed(self, effects: list[Effect]) -> list[Effect]:
        done: list[Effect] = []
        lost: set[Connection] = set()
        for effect in effects:
            match effect:
                case Octets(connection) | Close(connection) if connection in lost:
                    continue
                case Octets(connection, octets) if self._is_the_one(octets):
                    lost.add(connection)
                    done += [Octets(connection, octets[: len(octets) // 2]), Close(connection)]
                case _:
                    done.append(effect)
        for connection in lost:
            event = Closed(connection, "the connection is lost")
            done += self._component.receive(self._now, event)
        return done

    def _is_the_one(self, octets: bytes) -> bool:
        if self._left == 0 or len(octets) < MIN_CONTENT or not looks_like_msrp(octets):
            return False
        self._left -= 1
        return self._left == 0


class LosesWhatComes(LosesConnection):
    """A component whose connection is lost while the `nth` MSRP message with content comes."""

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Let the component take an event; of the message that is lost, the loss."""
        if not isinstance(event, Octets) or not self._is_the_one(event.octets):
            return super().receive(now, event)
        closed = Closed(event.connection, "the connection is lost")
        return [*self._component.receive(now, closed), Close(event.connection)]

    def _passed(self, effects: list[Effect]) -> list[Effect]:
        return effects


class LosesBehindAnswer(LosesConnection):
    """A component whose connection is lost when it has answered the `nth` MSRP content it got."""

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Let the component take an event; behind the answer that is the last, the loss."""
        done = super().receive(now, event)
        if not isinstance(event, Octets) or not self._is_the_one(event.octets):
            return done
        closed = Closed(event.connection, "the connection is lost")
        return [*done, Close(event.connection), *self._component.receive(now, closed)]

    def _passed(self, effects: list[Effect]) -> list[Effect]:
        return effects


class LosesBetween(LosesConnection):
    """A component whose connection is lost when its `nth` MSRP content is answered.

    Only the other side learns of it: who closed has failed, but for SIP.
    """

    def __init__(self, component: Hosted, nth: int = 1) -> None:
        super().__init__(component, nth)
        self._ending: set[Connection] = set()

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Let the component take an event; in place of the answer, close the connection."""
        if not isinstance(event, Octets | Closed) or event.connection not in self._ending:
            return super().receive(now, event)
        return [Close(event.connection)] if isinstance(event, Octets) else []

    def _passed(self, effects: list[Effect]) -> list[Effect]:
        done: list[Effect] = []
        for effect in effects:
            if isinstance(effect, Octets | Close) and effect.connection in self._ending:
                continue
            if isinstance(effect, Octets) and self._is_the_one(effect.octets):
                self._ending.add(effect.connection)
            done.append(effect)
        return done
