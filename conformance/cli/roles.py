"""`cpmspec roles`: the roles that captures show, as a setting file to look at and reuse."""

import argparse


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import options

    parser = commands.add_parser(
        "roles",
        help="write down which address plays which role",
        description="Read captures and write the roles that their traffic shows, each with its "
        "evidence, as a setting file for verify --setting.",
    )
    parser.add_argument("captures", nargs="+", metavar="CAPTURE", help="files or folders")
    parser.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="the setting file (default: stdout)"
    )
    options.add_roles(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Infer the roles and write them; 3 when the captures show none."""
    from conformance.capture.source import STDIN
    from conformance.cli.options import base_setting, captures_of
    from conformance.cli.output import write
    from conformance.cli.progress import progress_bar
    from conformance.suite.campaign import topology
    from conformance.suite.errors import ConformanceError
    from conformance.suite.setting import write_setting

    setting = base_setting(args)
    paths = captures_of(args)
    if STDIN in paths:
        raise ConformanceError("roles reads files, not standard input")
    with progress_bar(paths) as progress:
        rules = topology(paths, setting, progress)
    text = write_setting(rules, setting.profile)
    write(args.output, lambda file: file.write(text))
    return 0 if rules else 3
