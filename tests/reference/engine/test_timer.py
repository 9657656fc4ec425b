from conformance.reference.engine.timer import ACCESS, MILLISECOND, NETWORK, SECOND, Timers


def test_the_values_of_rfc_3261_table_4():
    assert (NETWORK.t1, NETWORK.t2, NETWORK.t4) == (500 * MILLISECOND, 4 * SECOND, 5 * SECOND)
    assert NETWORK.b == NETWORK.j == NETWORK.d == 32 * SECOND
    assert NETWORK.c > 180 * SECOND


def test_the_values_towards_a_client():
    assert (ACCESS.t1, ACCESS.t2, ACCESS.t4) == (2 * SECOND, 16 * SECOND, 17 * SECOND)
    assert ACCESS.b == ACCESS.d == 128 * SECOND


def test_d_is_never_shorter_than_32_seconds():
    assert Timers(t1=SECOND // 10).d == 32 * SECOND
