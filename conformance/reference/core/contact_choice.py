"""Which contacts of a user a request goes to (RFC 3261 section 16.5, RFC 3841)."""

from collections.abc import Sequence

from conformance.cpm.service import any_satisfies, services
from conformance.reference.core.location import Binding
from conformance.reference.transport.draft import Draft
from conformance.sip.grammar import Parameterized, parse_parameterized

_ICSI = "+g.3gpp.icsi-ref"
_INSTANCE = "+sip.instance"
_MODIFIERS = ("require", "explicit")


def contacts_in_order(draft: Draft, bindings: Sequence[Binding]) -> list[str]:
    """The URIs of the contacts that may get a request, the best first, the newest of equals."""
    fit = [b for b in reversed(bindings) if is_eligible(draft, b)]
    return [b.uri for b in sorted(fit, key=lambda b: (-b.preference, -score(draft, b)))]


def is_forked(draft: Draft, *, by_default: bool) -> bool:
    """Whether a request goes to every contact (RFC 3841 section 9.1)."""
    wishes = _dispositions(draft)
    return "fork" in wishes or (by_default and "no-fork" not in wishes)


def in_groups(draft: Draft, uris: Sequence[str]) -> list[list[str]]:
    """Contacts in groups to be tried one after the other, each group at once."""
    if "sequential" in _dispositions(draft):
        return [[uri] for uri in uris]
    return [list(uris)] if uris else []


def _dispositions(draft: Draft) -> list[str]:
    return [value.strip().lower() for value in draft.all("Request-Disposition")]


def is_eligible(draft: Draft, binding: Binding) -> bool:
    """Whether a contact may get a request, by the caller's preferences (RFC 3841 section 7.2)."""
    for value in draft.all("Reject-Contact"):
        features = _features(value)
        if features and all(_matches(binding, name, wanted) for name, wanted in features):
            return False
    return all(_accepts(binding, value) for value in draft.all("Accept-Contact"))


def score(draft: Draft, binding: Binding) -> int:
    """How many of the wished features a contact has."""
    return sum(
        bool(_matches(binding, name, wanted))
        for value in draft.all("Accept-Contact")
        for name, wanted in _features(value)
    )


def _accepts(binding: Binding, value: str) -> bool:
    read = parse_parameterized(value)
    if not isinstance(read, Parameterized):
        return True
    required, explicit = (read.param(name) is not None for name in _MODIFIERS)
    for name, wanted in _features(value):
        found = _matches(binding, name, wanted)
        # Whoever names an instance means that one, whether it says so or not.
        if name == _INSTANCE and not found:
            return False
        if required and (found is False or (found is None and explicit)):
            return False
    return True


def _features(value: str) -> list[tuple[str, str]]:
    read = parse_parameterized(value)
    if not isinstance(read, Parameterized):
        return []
    return [(name, wanted or "") for name, wanted in read.params if name not in _MODIFIERS]


def _matches(binding: Binding, name: str, wanted: str) -> bool | None:
    """Whether a contact has a feature as wished; None if it says nothing of that feature."""
    own = next((value or "" for key, value in binding.params if key == name), None)
    if own is None:
        return None
    if name == _INSTANCE:
        return _bare(own) == _bare(wanted)
    if name == _ICSI:
        named = services(f'{name}="{own}"')
        return all(any_satisfies(named, one) for one in services(f'{name}="{wanted}"'))
    values = {one.strip().lower() for one in own.split(",")}
    return bool(values & {one.strip().lower() for one in wanted.split(",")}) or own == wanted


def _bare(instance: str) -> str:
    return instance.strip('"<> ').lower()
