"""Syntax trees kept from run to run, in the user's own cache: reading flows takes half a start.

What is kept is of these texts and this version of the language, or is made anew.
"""

import hashlib
import os
import pickle
from collections.abc import Sequence
from contextlib import suppress
from importlib import resources
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from conformance.flow import nodes, parts, program
from conformance.flow.nodes import FlowNode
from conformance.flow.user_cache import cache_folder

_LANGUAGE = ("flow.lark", "syntax.py", "builder.py", "builder_requirements.py")
_NODES = ("nodes.py", "parts.py", "program.py")
_DIGEST = 32
_MODULES = {module.__name__: module for module in (nodes, parts, program)}


def trees(texts: Sequence[tuple[str, str]]) -> list[FlowNode]:
    """The syntax trees of texts, each with the name of its file; FlowSyntaxError without one."""
    folder = cache_folder()
    path = folder / "flows.cache" if folder else None
    digest = _digest(texts)
    found = _kept(path, digest) if path else None
    if found is None:
        # Lark is not needed where the trees are there.
        from conformance.flow.syntax import parse

        found = [parse(text, file) for text, file in texts]
        if path:
            _keep(path, digest, found)
    return found


def _digest(texts: Sequence[tuple[str, str]]) -> bytes:
    """What trees depend on: the texts, their files, the language and the form of its nodes."""
    made = hashlib.sha256()
    package = resources.files("conformance.flow")
    for name in (*_LANGUAGE, *_NODES):
        made.update(hashlib.sha256(package.joinpath(name).read_bytes()).digest())
    for part in (part for pair in texts for part in pair):
        made.update(hashlib.sha256(part.encode()).digest())
    return made.digest()


def _kept(path: Path, digest: bytes) -> list[FlowNode] | None:
    """What is kept, if it is of this digest and as it was written."""
    try:
        octets = path.read_bytes()
    except OSError:
        return None
    written = octets[_DIGEST:]
    if octets[:_DIGEST] != _seal(digest, written):
        return None
    try:
        found: list[FlowNode] = _Reader(BytesIO(written)).load()
    except pickle.UnpicklingError:
        return None
    return found


def _seal(digest: bytes, written: bytes) -> bytes:
    return hashlib.sha256(digest + written).digest()


def _keep(path: Path, digest: bytes, found: list[FlowNode]) -> None:
    """Write them beside and put them in place, so that nobody reads a half; or do without."""
    with suppress(OSError), NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            written = pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
            file.write(_seal(digest, written) + written)
            file.flush()
            os.replace(file.name, path)
        except OSError:
            os.unlink(file.name)


class _Reader(pickle.Unpickler):
    """Reads nodes, and makes nothing else."""

    def find_class(self, module: str, name: str) -> object:
        """The class of a node."""
        found = getattr(_MODULES.get(module), name, None)
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is no node")
        return found
