from collections import deque

from conformance.reference.pf.push_enabler import PushEnabler, PushNotification
from tests.reference.messages import ALICE


def test_that_what_is_handed_over_is_recorded_in_its_order():
    enabler = PushEnabler()
    enabler.notify(ALICE, ("m1",), 5)
    enabler.notify(ALICE, (), 6, content_type="text/plain", body=b"2 waiting")
    assert enabler.handed_over == (
        PushNotification(5, ALICE, ("m1",)),
        PushNotification(6, ALICE, (), "text/plain", b"2 waiting"),
    )


def test_that_the_oldest_are_forgotten_first():
    enabler = PushEnabler()
    enabler._handed_over = deque(maxlen=2)
    for now in range(3):
        enabler.notify(ALICE, (), now)
    assert [notification.time for notification in enabler.handed_over] == [1, 2]
