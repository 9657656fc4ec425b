"""The roles and their other names."""

import pytest

from conformance.cpm.role import ALIASES, Role


def test_roles_have_the_names_of_the_figures():
    assert {role.value for role in Role} == {
        "client",
        "core",
        "pf",
        "isf",
        "iwf",
        "noncpm",
        "remote",
        "core-b",
        "pf-b",
        "client-b",
    }


def test_a_role_is_found_by_its_name():
    assert Role("core-b") is Role.CORE_B


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="sbc"):
        Role("sbc")


def test_the_older_texts_call_the_participating_function_server():
    assert ALIASES["server"] is Role.PF


def test_no_alias_hides_a_role():
    assert not set(ALIASES) & {role.value for role in Role}
