import argparse

import pytest

from conformance.cli import options
from conformance.cpm.role import Role
from conformance.suite.errors import ConformanceError
from conformance.suite.setting import Grouping, Setting


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add_roles(parser)
    options.add_judging(parser)
    options.add_selection(parser)
    options.add_comparison(parser)
    return parser.parse_args(list(words))


def setting(*words: str) -> Setting:
    return options.full_setting(parse(*words))


def test_without_options_the_setting_is_the_default() -> None:
    assert setting() == Setting()


def test_each_option_has_its_place() -> None:
    found = setting(
        *("--role", "pf=10.0.3.1", "--role", "client=10.0.2.20", "--profile", "rcs"),
        *("--strict", "--flow", "pull", "--expect", "push", "--explain", "pull-notify"),
        *("--user", "sip:a@b", "--call-id", "c", "--all", "--as-one", "--reader", "native"),
        *("--from", "2026-03-02T09:00:00Z", "--to", "2026-03-02T09:00:01Z"),
        *("--keylog", "keys.log", "--esp-keys", "esp_sa", "--flows", "mine"),
    )
    assert [rule.role for rule in found.roles] == [Role.PF, Role.CLIENT]
    assert (found.profile, found.strict, found.everything) == ("rcs", True, True)
    assert (found.flow, found.expect, found.explain) == (("pull",), ("push",), ("pull-notify",))
    assert (found.user, found.call_id, found.reader) == ("sip:a@b", "c", "native")
    assert (found.end or 0) - (found.begin or 0) == 1_000_000_000
    assert (found.grouping, found.keylog, found.flows) == (Grouping.AS_ONE, "keys.log", "mine")
    assert found.esp_keys == "esp_sa"
    assert setting("--separate").grouping is Grouping.SEPARATE


def test_options_go_before_the_setting_file(tmp_path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(
        'profile = "rcs"\nstrict = true\nexpect = ["push"]\n'
        '[roles]\npf = ["10.9.9.9"]\ncore = ["10.0.1.1"]\n'
    )
    found = setting("--setting", str(path), "--role", "pf=10.0.3.1", "--profile", "cpm")
    assert [(rule.role, rule.address) for rule in found.roles] == [
        (Role.PF, "10.0.3.1"),
        (Role.CORE, "10.0.1.1"),
    ]
    assert (found.profile, found.strict, found.expect) == ("cpm", True, ("push",))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--from", "noon"), "--from noon: no date and time"),
        (("--to", "2026-99-01"), "--to 2026-99-01: no date and time"),
        (("--from", "2026-03-03", "--to", "2026-03-02"), "--from lies after --to"),
        (("--role", "pf"), "--role pf: write NAME=ADDRESS"),
        (("--setting", "absent.toml"), "absent.toml: it cannot be read"),
    ],
)
def test_wrong_options_are_refused(words, sentence) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        setting(*words)


def test_the_suppliers_statement_is_read(tmp_path) -> None:
    path = tmp_path / "ics.toml"
    path.write_text("[flows]\npull = false\n")
    assert setting("--ics", str(path)).unclaimed == ("pull",)


def test_the_comparison_is_asked_for_by_either_option() -> None:
    assert setting("--oracle").compare
    found = setting("--preferences", "alice.xml")
    assert (found.compare, found.preferences) == (True, "alice.xml")
    assert not setting().compare
