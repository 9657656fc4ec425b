import dataclasses

import pytest

from conformance.wire.malformed import Malformed


def test_is_a_value():
    one = Malformed("SIP", b"x", 0, "RFC 3261 section 7: start line without an end")
    assert one == Malformed("SIP", b"x", 0, one.rule)
    assert len({one, dataclasses.replace(one)}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.offset = 1
