from conformance.wire import limits


def test_every_limit_is_a_positive_number():
    found = {name: value for name, value in vars(limits).items() if name.startswith("MAX_")}
    assert found
    assert all(isinstance(value, int) and value > 0 for value in found.values())


def test_a_head_fits_into_what_a_stream_may_hold():
    assert limits.MAX_HEAD < limits.MAX_STREAM_HOLD
