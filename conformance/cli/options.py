"""The options that make a setting, shared by the commands that read captures."""

import argparse
import sys
from dataclasses import replace

from conformance.suite.errors import ConformanceError
from conformance.suite.setting import Grouping, Setting, parse_role, read_setting


def add_roles(parser: argparse.ArgumentParser, *, captures: bool = True) -> None:
    """Who is who, and how `captures` are read, or what is live."""
    group = parser.add_argument_group("setting")
    group.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="NAME=ADDR[,ADDR…]",
        help="which addresses play a role: client, core, pf, isf, iwf, noncpm, remote, core-b …; "
        "ADDR is ip, ip:port, [v6]:port, net/len or a SIP domain (repeatable)",
    )
    group.add_argument("--setting", metavar="FILE", help="roles and more from a TOML file")
    group.add_argument(
        "--reader",
        choices=("auto", "native", "tshark"),
        default="auto",
        help="our own reader, or Wireshark's",
    )
    group.add_argument("--keylog", metavar="FILE", help="TLS keys (SSLKEYLOGFILE); needs tshark")
    if captures:
        group.add_argument(
            "--esp-keys",
            metavar="FILE",
            help="IPsec keys, as Wireshark keeps them (its file esp_sa); needs tshark",
        )
    else:
        parser.set_defaults(esp_keys=None)


def add_judging(parser: argparse.ArgumentParser) -> None:
    """By which rules is judged."""
    group = parser.add_argument_group("rules")
    group.add_argument("--profile", metavar="NAME|FILE", help="cpm (default), rcs, or a TOML file")
    group.add_argument("--flows", metavar="DIR", help="flows of your own instead of the built-in")
    group.add_argument(
        "--ics",
        metavar="FILE",
        help="what the supplier claims (TOML; ics init writes one): "
        "flows not claimed are not judged",
    )
    group.add_argument(
        "--strict", action="store_true", default=None, help="let SHOULD fail like SHALL"
    )


def add_comparison(parser: argparse.ArgumentParser) -> None:
    """Whether the reference implementation is asked, and what it is to keep to."""
    group = parser.add_argument_group("comparison with the reference implementation")
    group.add_argument(
        "--oracle",
        action="store_true",
        help="say what the reference would have sent where a role did otherwise",
    )
    group.add_argument(
        "--preferences",
        metavar="FILE",
        help="the user preferences (XML) that the participating function must keep to; "
        "implies --oracle",
    )


def add_selection(parser: argparse.ArgumentParser, *, captures: bool = True) -> None:
    """What is looked at and shown; of `captures` also which belong together."""
    group = parser.add_argument_group("selection")
    for name, sentence in (
        ("--flow", "judge this flow only, by its id in flows list (repeatable)"),
        ("--expect", "fail unless this flow appears (repeatable)"),
        ("--explain", "show what nearly was this flow (repeatable)"),
    ):
        group.add_argument(name, help=sentence, action="append", default=[], metavar="ID")
    group.add_argument(
        "--user", default="", metavar="URI", help="only instances of this user, as tel:+15550100"
    )
    group.add_argument("--call-id", default="", metavar="ID", help="only instances with this one")
    group.add_argument(
        "--from",
        dest="begin",
        metavar="TIME",
        help="only from this time on, as 2026-03-02T09:00:00Z",
    )
    group.add_argument("--to", dest="end", metavar="TIME", help="only up to this time")
    group.add_argument("--all", action="store_true", help="list every passing instance")
    if not captures:
        parser.set_defaults(as_one=False, merge=False, separate=False)
        return
    either = group.add_mutually_exclusive_group()
    either.add_argument("--as-one", action="store_true", help="judge all captures as one")
    either.add_argument(
        "--merge",
        action="store_true",
        help="judge all captures as taps of one event: clocks aligned, copies folded",
    )
    either.add_argument("--separate", action="store_true", help="judge each capture alone")


def captures_of(args: argparse.Namespace) -> list[str]:
    """The captures that are named, each once; what is named again is said on stderr."""
    from conformance.report.legible import one_line
    from conformance.suite.remote import expand, once

    paths, again = once(expand(args.captures))
    for path in dict.fromkeys(again):
        sentence = one_line(f"{path} is given more than once: it is read once", 2_000)
        sys.stderr.write(f"cpmspec: {sentence}\n")
    return paths


def base_setting(args: argparse.Namespace) -> Setting:
    """The setting file's setting, with roles and reader as the options say."""
    setting = read_setting(args.setting) if args.setting else Setting()
    given = tuple(rule for option in args.role for rule in parse_role(option))
    named = {rule.role for rule in given}
    kept = tuple(rule for rule in setting.roles if rule.role not in named)
    return replace(
        setting,
        roles=given + kept,
        reader=args.reader,
        keylog=args.keylog,
        esp_keys=args.esp_keys,
    )


def full_setting(args: argparse.Namespace) -> Setting:
    """The setting with every option of `verify` in it; options go before the file."""
    setting = base_setting(args)
    begin, end = _time(args.begin, "--from"), _time(args.end, "--to")
    if begin is not None and end is not None and begin > end:
        raise ConformanceError("--from lies after --to")
    setting = replace(
        setting,
        profile=args.profile or setting.profile,
        flows=args.flows or setting.flows,
        strict=setting.strict if args.strict is None else args.strict,
        flow=tuple(args.flow) or setting.flow,
        expect=tuple(args.expect) or setting.expect,
        explain=tuple(args.explain),
        user=args.user,
        call_id=args.call_id,
        begin=begin,
        end=end,
        everything=args.all,
        grouping=_grouping(args),
        compare=bool(args.oracle or args.preferences),
        preferences=args.preferences or "",
    )
    return replace(setting, unclaimed=_unclaimed(args.ics, setting))


def _unclaimed(ics: str | None, setting: Setting) -> tuple[str, ...]:
    if ics is None:
        return ()
    from conformance.flow.library import load
    from conformance.suite.ics import read_ics

    return read_ics(ics, load(setting.flows).flows)


def _grouping(args: argparse.Namespace) -> Grouping:
    if args.merge:
        return Grouping.MERGE
    if args.as_one:
        return Grouping.AS_ONE
    return Grouping.SEPARATE if args.separate else Grouping.AUTO


def _time(text: str | None, option: str) -> int | None:
    if text is None:
        return None
    from conformance.report.instant import from_text

    time = from_text(text)
    if time is None:
        sentence = "no date and time, write one like 2026-03-02T09:00:00Z"
        raise ConformanceError(sentence, f"{option} {text}")
    return time
