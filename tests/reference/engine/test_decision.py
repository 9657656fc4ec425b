from conformance.reference.engine.decision import Point, Settled


def test_settled_takes_the_role_s_own_preference():
    assert Settled().choose(Point.MESSAGE_ANSWER, [200, 480], about="m1") == 200
    assert Settled().choose(Point.DISPOSAL, ("store",)) == "store"


def test_each_point_has_a_name_of_its_own():
    assert len({point.value for point in Point}) == len(Point)
