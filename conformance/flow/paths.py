"""The path of each sentence: who sends to whom, hop by hop, and the checks on it."""

from collections.abc import Sequence
from itertools import pairwise

from conformance.cpm.role import Role
from conformance.flow.draft import Draft, Drafts
from conformance.flow.names import Names
from conformance.flow.nodes import Place, Word

Path = tuple[Role, ...]
"""The roles that a message passes, sender first."""


def named_path(names: Names, first: Word, via: Sequence[Word], last: Word | Role) -> Path:
    """The path as the sentence says it; no role may follow itself."""
    words = [first, *via]
    roles = [names.role(word) for word in words]
    roles.append(names.role(last) if isinstance(last, Word) else last)
    for position, (here, there) in enumerate(pairwise(roles)):
        if here is there:
            place = words[min(position + 1, len(words) - 1)].place
            raise names.wrong(place, f"the path leads from {here} to itself")
    return tuple(roles)


def message_path(drafts: Drafts, draft: Draft) -> Path:
    """The whole way of a message, the steps that it forwards included."""
    path: Path = draft.path
    current = draft
    while current.forwards is not None:
        current = drafts.items[current.forwards]
        path = (*current.path[:-1], *path)
    return path


def answer_path(
    names: Names, drafts: Drafts, request: Draft, role: Word, via: Sequence[Word]
) -> Path:
    """The way of an answer: the request's way back, as far as the sentence leads it."""
    back = tuple(reversed(message_path(drafts, request)))
    said = tuple(names.role(word) for word in (role, *via))
    if said[0] is not back[0]:
        raise names.wrong(
            role.place,
            f"step {request.label} arrives at {back[0]}, so {said[0]} cannot answer it",
        )
    if said != back[: len(said)] or len(back) <= len(said):
        shown = ", ".join(back[1:-1])
        raise names.wrong(
            (via[-1] if via else role).place,
            f"an answer goes back the way of its request: {back[0]} via {shown or 'nothing'} "
            f"to {back[-1]}",
        )
    return back[: len(said) + 1]


def session_path(
    names: Names, invite: Draft, role: Word, via: Sequence[Word], place: Place
) -> Path:
    """The way of a BYE: the INVITE's path in one direction or the other."""
    sender = names.role(role)
    ways = {path[0]: path for path in (invite.path, tuple(reversed(invite.path)))}
    path = ways.get(sender)
    if path is None:
        raise names.wrong(role.place, f"{sender} has no part in the session of {invite.label}")
    said = tuple(names.role(word) for word in via)
    if via and said != path[1:-1]:
        shown = ", ".join(path[1:-1]) or "nothing"
        raise names.wrong(place, f"the session of {invite.label} runs via {shown}")
    return path


def one_link(names: Names, sender: Word, receiver: Word) -> Path:
    """The two ends of a direct link."""
    return named_path(names, sender, (), receiver)
