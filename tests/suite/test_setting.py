import tomllib

import pytest

from conformance.cpm.role import Role
from conformance.observation.topology import RoleRule
from conformance.suite.errors import ConformanceError
from conformance.suite.setting import Setting, changed, parse_role, read_setting, write_setting


def test_a_role_option_gives_a_rule_for_each_address() -> None:
    rules = parse_role(
        "core=10.0.1.1, 10.0.1.2:5060,[2001:db8::1]:5060,10.1.0.0/16,ims.example.com"
    )
    assert [rule.role for rule in rules] == [Role.CORE] * 5
    assert rules[1].address == "10.0.1.2:5060"
    assert all(rule.given for rule in rules)


def test_server_is_another_name_of_pf() -> None:
    assert parse_role("server=10.0.3.1")[0].role is Role.PF


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("pf", "write NAME=ADDRESS"),
        ("=10.0.0.1", "unknown role ''"),
        ("clint=10.0.0.1", r"unknown role 'clint' \(did you mean 'client'\?\)"),
        ("xyz=10.0.0.1", "there are client, core"),
        ("pf=", "is no address"),
        ("pf=10.0.0.1,,10.0.0.2", "is no address"),
        ("pf=10.0.0.999", "is no address"),
        ("pf=10.0.0.1:99999", "no port between"),
        ("pf=10.0.0.0/99", "is no address"),
    ],
)
def test_a_wrong_role_option_is_refused_with_its_text(option, sentence) -> None:
    with pytest.raises(ConformanceError, match=sentence) as refused:
        parse_role(option)
    assert refused.value.place == f"--role {option}"


def test_a_setting_file_is_read(tmp_path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(
        'profile = "lab.toml"\nflows = "mine"\nstrict = true\nflow = "pull"\nexpect = ["push"]\n'
        '[roles]\npf = "10.0.3.1"\nclient = ["10.0.2.20", "10.0.2.21"]\n'
    )
    assert read_setting(str(path)) == Setting(
        roles=(
            RoleRule(Role.PF, "10.0.3.1"),
            RoleRule(Role.CLIENT, "10.0.2.20"),
            RoleRule(Role.CLIENT, "10.0.2.21"),
        ),
        profile=str(tmp_path / "lab.toml"),
        flows=str(tmp_path / "mine"),
        strict=True,
        flow=("pull",),
        expect=("push",),
    )


@pytest.mark.parametrize(
    "text", ["profiles = 1", "profile = 1", "[roles]\nboss = '10.0.0.1'", "[roles]\npf = 'x y'"]
)
def test_a_wrong_setting_file_is_refused_with_its_name(tmp_path, text) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(ConformanceError) as refused:
        read_setting(str(path))
    assert refused.value.place.startswith(str(path))


def test_particulars_of_the_report_are_read_and_others_refused(tmp_path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('[report]\nlaboratory = "The lab"\nproduct = "Talk"\n', "utf-8")
    assert read_setting(str(path)).particulars == (("laboratory", "The lab"), ("product", "Talk"))
    path.write_text('[report]\nlabratory = "The lab"\n', "utf-8")
    with pytest.raises(ConformanceError, match="labratory") as refused:
        read_setting(str(path))
    assert refused.value.place.startswith(str(path))


def test_what_is_written_is_read_back(tmp_path) -> None:
    rules = (
        RoleRule(Role.PF, "10.0.3.1", 'said "P-Asserted\nIdentity"', given=False),
        RoleRule(Role.CLIENT, "10.0.2.20"),
        RoleRule(Role.PF, "10.0.3.2", "", given=False),
    )
    text = write_setting(rules, "rcs")
    path = tmp_path / "s.toml"
    path.write_text(text)
    found = read_setting(str(path))
    assert {(rule.role, rule.address) for rule in found.roles} == {
        (rule.role, rule.address) for rule in rules
    }
    assert found.profile == "rcs"
    assert '# 10.0.3.1: said "P-Asserted?Identity"' in text


def test_no_roles_make_an_empty_table() -> None:
    assert tomllib.loads(write_setting((), "cpm"))["roles"] == {}


def test_fields_are_changed_by_name() -> None:
    made = changed(Setting(), {"flow": "pull", "expect": ("push",), "strict": True})
    assert (made.flow, made.expect, made.strict) == (("pull",), ("push",), True)
    assert not made.compare


def test_preferences_imply_the_comparison() -> None:
    assert changed(Setting(), {"preferences": "alice.xml"}).compare
    assert not changed(Setting(), {"preferences": "alice.xml", "compare": False}).compare


def test_a_field_that_there_is_not_is_named() -> None:
    with pytest.raises(ConformanceError, match="a setting has no flows_of"):
        changed(Setting(), {"flow": "pull", "flows_of": "x"})
