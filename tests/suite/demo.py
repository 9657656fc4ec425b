"""The demo capture's roles, as a setting and as options of the command line."""

from conformance.cli.demo_trace import ROLES
from conformance.suite.setting import Setting, parse_role

_GIVEN = ["=".join(pair) for pair in ROLES.items()]

SETTING = Setting(roles=tuple(rule for given in _GIVEN for rule in parse_role(given)))
ROLE_WORDS = [word for given in _GIVEN for word in ("--role", given)]
