import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.xdm.xcap_uri import AUID, DOCUMENT, Selector, document_path, select
from tests.reference.messages import ALICE


def test_that_a_path_shows_its_user():
    path = document_path(ALICE, "/xcap/")
    assert path == f"/xcap/{AUID}/users/{ALICE}/{DOCUMENT}"


@given(st.text(min_size=1, max_size=20), st.sampled_from(["", "/xcap", "/a/b/"]))
@settings(max_examples=60)
def test_that_the_user_of_a_path_is_found_again(user, root):
    assert select(document_path(user, root), root) == Selector(AUID, user, DOCUMENT)


def test_that_an_absolute_target_is_read_and_its_query_passed_over():
    target = f"http://xdms.home-a.example{document_path(ALICE)}?xmlns(a=b)"
    assert select(target) == Selector(AUID, ALICE, DOCUMENT)


def test_that_a_node_is_told_apart():
    assert select(document_path(ALICE) + "/~~/user-preferences").node == "/user-preferences"


@pytest.mark.parametrize(
    "target",
    ["", "/", "*", "http://", "http://host", "/a/users/u", "/a/global/u/d", "/a/users//d"],
)
def test_that_another_path_selects_nothing(target):
    assert select(target) is None
    assert select(target, "/xcap") is None
