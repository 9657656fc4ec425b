import pytest

from conformance.sip.names import COMPACT_FORMS, LONG_FORMS, is_list, long_name


@pytest.mark.parametrize(
    ("name", "long"),
    [("Via", "via"), ("V", "via"), ("l", "content-length"), ("X", "session-expires"), ("q", "q")],
)
def test_long_name(name, long):
    assert long_name(name) == long


def test_compact_forms_are_one_to_one():
    assert len(LONG_FORMS) == len(COMPACT_FORMS)
    assert all(len(compact) == 1 for compact in LONG_FORMS)


def test_lists():
    assert is_list("Via")
    assert is_list("m")
    assert not is_list("Subject")
    assert not is_list("WWW-Authenticate")
    assert not is_list("Date")
