"""`cpmspec anonymize`: a capture that can be sent to a vendor, proven to be judged alike."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.report.model import Report
    from conformance.report.spool import Spool
    from conformance.suite.redact import Redaction
    from conformance.suite.setting import Setting

_DESCRIPTION = """\
Write a copy of a capture (pcap, pcapng) in which every number, name, address, credential and
message text is replaced by a pseudonym of the same length, and everything that is neither SIP nor
MSRP is emptied. Frames keep their numbers, times and lengths. Both captures are then judged, and
the command fails if they are not judged alike.
"""

_EPILOG = """\
exit status: 0 judged alike, 1 judged unlike (the copy is written all the same), 2 usage or
unreadable input

examples:
  cpmspec anonymize lab.pcapng -o vendor.pcapng
  cpmspec anonymize lab.pcapng -o vendor.pcapng --role pf=10.0.3.1 --redact-key our.key
"""

UNLIKE = 1


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import options, redaction

    parser = commands.add_parser(
        "anonymize",
        help="write a copy of a capture in which nobody can be found",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("capture", metavar="CAPTURE", help="a pcap or pcapng file")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the copy")
    redaction.add_key(parser)
    options.add_roles(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the copy, judge both, say what came of it."""
    from conformance.cli.options import base_setting
    from conformance.cli.redaction import redaction
    from conformance.report.spool import Spool
    from conformance.suite.anonymize import anonymize, differences
    from conformance.suite.errors import ConformanceError

    setting = base_setting(args)
    found = redaction(args.redact_key)
    octets = _read(args.capture)
    if Path(args.output).is_file() and Path(args.output).samefile(args.capture):
        raise ConformanceError("the copy would overwrite the capture", args.output)
    made = anonymize(args.capture, octets, found)
    _write(args.output, made.octets)
    sys.stdout.write(f"{args.output}: {made.messages} messages in disguise")
    sys.stdout.write(f", {made.emptied} frames emptied\n" if made.emptied else "\n")
    with Spool() as before, Spool() as after:
        unlike = list(differences(*_judged(args, setting, found, (before, after))))
    for sentence in unlike:
        sys.stdout.write(f"  judged unlike: {sentence}\n")
    if not unlike:
        sys.stdout.write("both captures are judged alike\n")
    return UNLIKE if unlike else 0


def _judged(
    args: argparse.Namespace,
    setting: "Setting",
    found: "Redaction",
    spools: "tuple[Spool, Spool]",
) -> "tuple[Report, Report]":
    from conformance.suite.campaign import Stamp
    from conformance.suite.campaign import run as judge

    everything = replace(setting, everything=True)
    first = judge([args.capture], everything, spools[0], Stamp(""))
    other = replace(everything, roles=found.rules(setting.roles), keylog=None, esp_keys=None)
    return first, judge([args.output], other, spools[1], Stamp(""))


def _read(path: str) -> bytes:
    """The octets of a capture, decompressed: a copy is not compressed."""
    from conformance.capture.chunks import Chunks
    from conformance.observation.trace import CaptureHealth
    from conformance.suite.errors import ConformanceError

    pieces = []
    try:
        with Path(path).open("rb", buffering=0) as file:
            chunks = Chunks(file, CaptureHealth(path, "native"))
            while chunks.need(1):
                pieces.append(chunks.octets)
                chunks.drop(len(chunks.octets))
    except OSError as error:
        raise ConformanceError(f"it cannot be read: {error.strerror or error}", path) from None
    if chunks.trouble:
        raise ConformanceError(chunks.trouble[1], path)
    return b"".join(pieces)


def _write(path: str, octets: bytes) -> None:
    from conformance.suite.errors import ConformanceError

    try:
        Path(path).write_bytes(octets)
    except OSError as error:
        raise ConformanceError(f"it cannot be written: {error.strerror or error}", path) from None
