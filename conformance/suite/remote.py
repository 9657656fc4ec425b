"""Captures in object storage and other places that fsspec reaches, as `s3://bucket/lab.pcapng`.

They are fetched into a file of this host, since a capture is read twice.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from tempfile import NamedTemporaryFile
from typing import Any

from conformance.capture import source
from conformance.capture.errors import CaptureError

_PIECE = 1_048_576


def is_remote(path: str) -> bool:
    """Whether a path is an address (`scheme://…`) and no file of this host."""
    return "://" in path


def expand(paths: Iterable[str]) -> list[str]:
    """The capture files that paths name, as `capture.source.expand`, addresses included."""
    found: list[str] = []
    for path in paths:
        found += _expanded(path) if is_remote(path) else source.expand([path])
    return found


def once(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Paths without those that name a capture before them again, and these; - is never one."""
    seen: set[str] = set()
    first: list[str] = []
    again: list[str] = []
    for path in paths:
        key = path if is_remote(path) else os.path.abspath(path)
        is_known = key in seen and path != source.STDIN
        (again if is_known else first).append(path)
        seen.add(key)
    return first, again


def fetched(path: str, closing: ExitStack) -> str:
    """A file of this host with what lies at an address, which is gone when `closing` closes."""
    name = path.rpartition("/")[2][-40:]
    file = closing.enter_context(NamedTemporaryFile(prefix="cpmspec-", suffix=f"-{name}"))  # noqa: SIM115 - the stack closes it
    with _reached(path) as (storage, place), storage.open(place, "rb") as there:
        shutil.copyfileobj(there, file, _PIECE)
    file.flush()
    return file.name


@lru_cache(maxsize=65_536)
def size(path: str) -> int:
    """Octets of what lies at an address; 0 where the storage does not tell."""
    with _reached(path) as (storage, place):
        return int(storage.size(place) or 0)


def _expanded(path: str) -> list[str]:
    with _reached(path) as (storage, place):
        if any(mark in place for mark in "*?["):
            found = sorted(storage.glob(place))
        elif storage.isdir(place):
            found = [one for one in sorted(storage.find(place)) if _is_capture(storage, one)]
        else:
            storage.info(place)
            return [path]
        if not found:
            raise CaptureError(path, "it holds no capture")
        return [storage.unstrip_protocol(one) for one in found]


def _is_capture(storage: Any, place: str) -> bool:  # noqa: ANN401 - fsspec has no types
    with storage.open(place, "rb") as file:
        return source.is_capture(file)


@contextmanager
def _reached(path: str) -> Iterator[tuple[Any, str]]:
    """The storage behind an address and the place in it; CaptureError for whatever goes wrong."""
    try:
        import fsspec
    except ImportError:
        sentence = "an address needs fsspec: pip install 'cpmspec[dask]'"
        raise CaptureError(path, sentence) from None
    try:
        yield fsspec.core.url_to_fs(path)
    except CaptureError:
        raise
    except FileNotFoundError:
        raise CaptureError(path, "it cannot be read: there is no such object") from None
    except Exception as error:  # noqa: BLE001 - every storage has exceptions of its own
        raise CaptureError(path, f"it cannot be read: {error}") from None
