"""Deferred chat messages: which of them go together in one session (7.3.12)."""

from collections.abc import Sequence

from conformance.cpm.identity import user_key
from conformance.reference.store.deferred_queue import Deferred


def conversations(chats: Sequence[Deferred]) -> list[Sequence[Deferred]]:
    """Chat messages by sender and conversation, each in the order in which it came.

    The client tells by Conversation-ID which session they belong to, so that those of two
    conversations never share an invitation.
    """
    found: dict[tuple[str, str], list[Deferred]] = {}
    for deferred in chats:
        message = deferred.message
        key = (user_key(message.sender), message.conversation_id)
        found.setdefault(key, []).append(deferred)
    return list(found.values())
