"""What is compared, and what belongs together."""

from conformance.oracle.traffic import is_judged, purpose
from tests.oracle.samples import request, response


def test_what_no_figure_shows_is_not_compared():
    assert not is_judged(response(request(), 180))
    assert not is_judged(response(request(), 407))
    assert not is_judged(request("OPTIONS"))
    assert not is_judged(request("NOTIFY", Subscription_State="terminated;reason=timeout"))


def test_the_messages_of_the_figures_are():
    assert is_judged(request("BYE", to_tag="t"))
    assert is_judged(response(request(), 202))


def test_a_list_is_no_message():
    body = (
        b'<deferred-list xmlns="urn:oma:xml:cpm:deferred-list"><message id="m1"/></deferred-list>'
    )
    listing = request(
        "NOTIFY", Content_Type="application/vnd.oma.cpm-deferred-list+xml", body=body
    )
    assert (purpose(listing), purpose(request())) == ("list", "")
