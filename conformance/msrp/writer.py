"""MSRP messages to octets (RFC 4975 section 7)."""

import re
from collections.abc import Iterable

from conformance.msrp.message import MsrpMessage
from conformance.msrp.parser import find_end

_TRANSACTION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}")
_METHOD = re.compile(r"[A-Z]+")
_NAME = re.compile(r"[\w.!%*+`'~-]+", re.ASCII)


def write(message: MsrpMessage) -> bytes:
    """The octets of a message, as they were seen."""
    return message.octets


def write_request(
    transaction_id: str,
    method: str,
    headers: Iterable[tuple[str, str]],
    body: bytes | None = None,
    flag: str = "$",
) -> bytes:
    """A request; `body` None means none at all. ValueError for what cannot be written.

    The caller gives To-Path and From-Path first and Content-Type last, and a transaction
    identifier of which no end-line is in the body (RFC 4975 section 7.1).
    """
    if not _METHOD.fullmatch(method):
        raise ValueError(f"method {method!r} is not upper-case letters (RFC 4975 section 9)")
    return _write(transaction_id, method, headers, body, flag)


def write_response(
    transaction_id: str, status: int, comment: str, headers: Iterable[tuple[str, str]]
) -> bytes:
    """A response; an empty comment is left out. ValueError for what cannot be written."""
    if not 0 <= status <= 999 or "\r" in comment or "\n" in comment:
        raise ValueError(f"status {status} {comment!r} is not three digits and a line of text")
    return _write(transaction_id, f"{status:03} {comment}".rstrip(), headers, None, "$")


def _write(
    transaction_id: str,
    start: str,
    headers: Iterable[tuple[str, str]],
    body: bytes | None,
    flag: str,
) -> bytes:
    if not _TRANSACTION_ID.fullmatch(transaction_id):
        raise ValueError(f"transaction id {transaction_id!r} is no ident (RFC 4975 section 9)")
    if flag not in ("$", "+", "#"):
        raise ValueError(f"continuation flag {flag!r} is none of $ + # (RFC 4975 section 7.1)")
    lines = [f"MSRP {transaction_id} {start}"]
    for name, value in headers:
        if not _NAME.fullmatch(name) or "\r" in value or "\n" in value:
            raise ValueError(f"field {name!r}: {value!r} is not one line (RFC 4975 section 9)")
        lines.append(f"{name}: {value}")
    head = "\r\n".join([*lines, ""]).encode("utf-8", "surrogateescape")
    mark = b"\r\n-------" + transaction_id.encode()
    content = b"" if body is None else b"\r\n" + body + b"\r\n"
    if find_end(content, mark, 0) >= 0:
        raise ValueError(f"the body holds an end-line of transaction {transaction_id}")
    return head + content + mark[2:] + flag.encode() + b"\r\n"
