"""Containers that are made when they are asked for."""

import pytest

from conformance.verifier.sparse import Sparse


class Holder(Sparse):
    _sparse = {"many": list, "few": set}  # noqa: RUF012 - as the classes that use it
    __slots__ = ("few", "many")


def test_that_each_holder_has_its_own() -> None:
    one, other = Holder(), Holder()
    one.many.append(1)
    one.many.append(2)
    assert (one.many, other.many, one.few) == ([1, 2], [], set())


def test_that_a_name_it_does_not_have_is_an_error() -> None:
    with pytest.raises(AttributeError, match="mnay"):
        Holder().mnay  # noqa: B018
