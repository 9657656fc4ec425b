"""`cpmspec play`: a reference role as a server for a laboratory's bench."""

import argparse
import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.live.clock import Clock
    from conformance.suite.bench import Bench
    from conformance.suite.bench_setting import BenchSetting

_DESCRIPTION = """\
Let the reference implementation play one role on real sockets until it is told to stop (SIGINT
or SIGTERM). What the role does that no message shows is printed, a line each. Commands for its
user are read from standard input, one a line.
"""

_EPILOG = """\
commands of a client: register, deregister, send URI TEXT, send-large URI TEXT, chat URI TEXT,
  reply TEXT, subscribe, unsubscribe, select ACTION, choose ACTION… (one for each message of the
  list, none for none), decline (whatever comes from now on); of remote: send, send-large, chat;
  of noncpm: send

examples:
  cpmspec play --role pf --listen 192.0.2.3 --setting bench.toml --queue deferred.sqlite
  echo register | cpmspec play --role client --listen 192.0.2.20 --setting bench.toml
"""


_DAY = 86_400 * 1_000_000_000


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.suite.bench import ROLES

    parser = commands.add_parser(
        "play",
        help="play a role of the reference implementation on real sockets",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--role", required=True, choices=ROLES, help="the role to play")
    parser.add_argument(
        "--listen", required=True, metavar="ADDR", help="our address: ip, ip:port or [v6]:port"
    )
    parser.add_argument("--setting", metavar="FILE", help="who is where, and more (TOML)")
    parser.add_argument("--preferences", metavar="FILE", help="Alice's user preferences (XML)")
    parser.add_argument("--queue", metavar="FILE", help="keep deferred messages in this file")
    parser.add_argument(
        "--mutate", action="append", default=[], metavar="M", help="plant a fault (repeatable)"
    )
    add_rate(parser)
    parser.set_defaults(run=run)


def add_rate(parser: argparse.ArgumentParser) -> None:
    """The option that lets time run faster."""
    parser.add_argument(
        "--rate",
        type=float,
        default=1.0,
        metavar="N",
        help="let our time run N times as fast, for a bench where everybody's does",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; the exit status."""
    from conformance.suite.bench import Bench
    from conformance.suite.bench_setting import endpoint_of
    from conformance.suite.mutants import faults_named
    from conformance.suite.preferences import read_preferences

    setting = read(args.setting)
    setting = setting.at(args.role, endpoint_of(args.listen, "--listen"))
    preferences = read_preferences(args.preferences) if args.preferences else None
    bench = Bench(
        args.role,
        setting,
        running_clock(args.rate),
        say,
        preferences=preferences,
        queue=args.queue or ":memory:",
        faults=faults_named(args.mutate),
    )
    asyncio.run(_serve(bench))
    return 0


def read(path: str | None) -> "BenchSetting":
    """The setting that an option names, the default one without.

    SSLKEYLOGFILE names the file that its TLS keys are logged into, as browsers do it.
    """
    from conformance.live.tls import KeyLog
    from conformance.suite.bench_setting import BenchSetting, read_bench_setting
    from conformance.suite.errors import ConformanceError

    setting = read_bench_setting(path) if path else BenchSetting()
    log = os.environ.get("SSLKEYLOGFILE")
    if log:
        try:
            KeyLog(setting.security, log)
        except OSError as error:
            sentence = f"no keys can be logged: {error.strerror}"
            raise ConformanceError(sentence, f"SSLKEYLOGFILE {log}") from None
    return setting


def running_clock(rate: float) -> "Clock":
    """The real clock at a rate; ConformanceError for a rate that is none.

    Clocks of one day and rate agree, whenever they were started: a faster one began at midnight.
    """
    from conformance.cli.clock import monotonic_ns, now_ns
    from conformance.live.clock import Clock
    from conformance.suite.errors import ConformanceError

    try:
        now = now_ns()
        midnight = now - now % _DAY
        return Clock(monotonic_ns, midnight + int((now - midnight) * rate), rate)
    except (ValueError, OverflowError) as error:
        raise ConformanceError(str(error), "--rate") from None


def say(line: str) -> None:
    """Print a line at once; what does not belong on a terminal is spelt out."""
    from conformance.cli.output import say as say_text

    say_text("".join(char if char.isprintable() else "?" for char in line) + "\n")
    sys.stdout.flush()


async def _serve(bench: "Bench") -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    lines: asyncio.Queue[str] = asyncio.Queue()
    _read_commands(loop, lines)
    played = await bench.run(stop, lines)
    say(f"stopped: {played}")


def _read_commands(loop: asyncio.AbstractEventLoop, lines: "asyncio.Queue[str]") -> None:
    """Read lines from standard input as they come, where it is one that can be waited for."""
    held = bytearray()
    number = sys.stdin.fileno()

    def readable() -> None:
        octets = os.read(number, 65_536)
        if not octets:
            loop.remove_reader(number)
        held.extend(octets)
        *whole, rest = bytes(held).split(b"\n")
        held[:] = rest[:65_536]
        for line in whole:
            if line.strip():
                lines.put_nowait(line.decode("utf-8", "replace"))

    try:
        loop.add_reader(number, readable)
    except (PermissionError, ValueError):
        # A file: all of it is there.
        for line in sys.stdin:
            lines.put_nowait(line)
