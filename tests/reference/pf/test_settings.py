import pytest

from conformance.reference.pf.settings import PfSettings


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sip:+15550100@home-a.example", True),
        ("<sip:carol@HOME-A.example;user=phone>", True),
        ("sip:+15550142@home-b.example", False),
        ("tel:+15550100", True),
        ("tel:+15550177", False),
        ("garbage", False),
        ("", False),
    ],
)
def test_that_users_of_ours_are_known(address: str, expected: bool) -> None:
    assert PfSettings(users=("sip:+15550100@home-a.example",)).serves(address) is expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sip:deferred-messages@cpm.home-a.example", True),
        ("sip:deferred-messages@cpm.home-a.example:5060;lr", True),
        ("sip:alice@cpm.home-a.example", False),
    ],
)
def test_that_the_service_itself_is_known(uri: str, expected: bool) -> None:
    assert PfSettings().is_psi(uri) is expected
