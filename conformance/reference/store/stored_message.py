"""A CPM message as text that a store keeps: every field, octets included."""

import json
from base64 import b64decode, b64encode
from dataclasses import fields
from typing import Any

from conformance.reference.messaging.content import CpmMessage

_OCTETS = "octets"


def to_text(message: CpmMessage) -> str:
    """The message as JSON; `from_text` gives an equal one back."""
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    return json.dumps({name: _packed(value) for name, value in values.items()})


def from_text(text: str) -> CpmMessage:
    """The message that was written; ValueError for a text that is none."""
    try:
        values: dict[str, Any] = {k: _unpacked(v) for k, v in json.loads(text).items()}
        message = CpmMessage(**values)
        is_same = to_text(message) == text and isinstance(values["body"], bytes)
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"no message can be read: {error}") from error
    if not is_same:
        raise ValueError("no message can be read: a field is missing or of another type")
    return message


def _packed(value: object) -> object:
    if isinstance(value, bytes):
        return {_OCTETS: b64encode(value).decode()}
    if isinstance(value, (tuple, list, frozenset)):
        return [_packed(element) for element in value]
    return value


def _unpacked(value: object) -> object:
    if isinstance(value, dict):
        return b64decode(value[_OCTETS], validate=True) if _OCTETS in value else value
    if isinstance(value, list):
        return tuple(_unpacked(element) for element in value)
    return value
