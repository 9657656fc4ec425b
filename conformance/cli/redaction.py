"""The options of pseudonyms: `--redact`, and the key that keeps them from run to run."""

import argparse
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.suite.index import Entry
    from conformance.suite.redact import Redaction
    from conformance.suite.setting import Setting


def add_key(parser: argparse._ActionsContainer) -> None:
    """The option that names the key."""
    parser.add_argument(
        "--redact-key",
        metavar="FILE",
        help="a secret of 16 octets or more: the same key gives the same pseudonyms again; "
        "without it they are new in every run",
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a command that reports."""
    group = parser.add_argument_group("privacy")
    group.add_argument(
        "--redact",
        action="store_true",
        help="hide numbers, names, addresses and message texts in every report by pseudonyms",
    )
    add_key(group)


def redaction(key_file: str | None) -> "Redaction":
    """Pseudonyms by the key of a file, or by one made by chance."""
    from conformance.suite.errors import ConformanceError
    from conformance.suite.pseudonyms import Pseudonyms
    from conformance.suite.redact import MIN_KEY, Redaction

    if key_file is None:
        return Redaction(Pseudonyms(secrets.token_bytes(64)))
    try:
        key = Path(key_file).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConformanceError(f"it cannot be read: {reason}", key_file) from None
    if len(key) < MIN_KEY:
        raise ConformanceError(f"a key has {MIN_KEY} octets or more", key_file)
    return Redaction(Pseudonyms(key))


def redacted(setting: "Setting", args: argparse.Namespace) -> "Setting":
    """The setting in which whatever names somebody is a pseudonym, if that is asked for."""
    from conformance.suite.errors import ConformanceError

    if not args.redact:
        if args.redact_key:
            raise ConformanceError("it says nothing without --redact", "--redact-key")
        return setting
    if args.preferences:
        # They name senders and devices, of which nothing would be left to compare.
        raise ConformanceError("it cannot be kept to where names are hidden", "--preferences")
    found = redaction(args.redact_key)
    return replace(
        setting,
        redaction=found,
        roles=found.rules(setting.roles),
        user=found.text(setting.user),
        call_id=found.disguised.disguise.hide(setting.call_id),
    )


def redacted_index(
    index: "dict[str, Entry] | None", setting: "Setting"
) -> "dict[str, Entry] | None":
    """The index with the pseudonyms of the addresses that it gives roles to."""
    found = setting.redaction
    if index is None or found is None:
        return index
    return {path: replace(entry, roles=found.rules(entry.roles)) for path, entry in index.items()}
