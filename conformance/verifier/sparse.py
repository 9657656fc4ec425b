"""Objects most of whose containers stay empty: each is made when it is first asked for."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar


class Sparse:
    """Makes the containers named in `_sparse` on demand; what is open is held by the thousand."""

    __slots__ = ()
    _sparse: ClassVar[Mapping[str, Callable[[], object]]] = {}

    # Hidden from the type checker, which would believe in every name.
    if not TYPE_CHECKING:

        def __getattr__(self, name):  # noqa: ANN001, ANN204
            """A container that was not asked for before, empty."""
            make = self._sparse.get(name)
            if make is None:
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            made = make()
            setattr(self, name, made)
            return made
