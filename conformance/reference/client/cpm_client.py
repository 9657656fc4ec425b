"""The CPM Client: the front hall of everything a user's device does.

Its parts, each upon the one before: registration, messages, invitations, chat, deferred messages.
A command's effects are drained from `station` by whoever runs it.
"""

from dataclasses import replace

from conformance.reference.client.pull import ClientPull
from conformance.reference.client.settings import ClientSettings

__all__ = ["ClientSettings", "CpmClient"]


class CpmClient(ClientPull):
    """A CPM Client.

    Commands: `register`, `deregister`, `send_pager`, `send_large`, `display`, `start_chat`,
    `reply`, `subscribe_deferred`, `unsubscribe_deferred`, `select`, `decline`. Notes: registered,
    deregistered, register-failed, sent, failed, unreachable, received, received-again, notified,
    notification-failed, conversation, declined, not-acceptable, session-ended, subscribed,
    subscription-failed, listed, nothing-selected, pulled, malformed.
    """

    def decline(self) -> None:
        """Its user does not wish to receive now: what comes from here on is answered 480."""
        no = (480,)
        self.settings = replace(
            self.settings, message_answers=no, session_answers=no, chat_answers=no
        )
