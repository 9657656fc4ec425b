"""Captures in object storage: found, fetched, refused by their address."""

import builtins
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.capture.errors import CaptureError
from conformance.suite import remote
from conformance.suite.inputs import inputs
from conformance.suite.setting import Setting
from tests.suite.parallel_captures import demos, serial

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: cpmspec[dask]")


@pytest.fixture
def bucket(tmp_path):
    """A folder in memory's storage with two captures and what is none."""
    storage = fsspec.filesystem("memory")
    for number, path in enumerate(demos(tmp_path, 2)):
        storage.pipe_file(f"/lab/{number}.pcapng", Path(path).read_bytes())
    storage.pipe_file("/lab/notes.txt", b"no capture")
    yield "memory://lab"
    storage.rm("/lab", recursive=True)


def test_an_address_is_no_file_of_this_host():
    assert remote.is_remote("s3://bucket/a.pcapng")
    assert not remote.is_remote("captures/a.pcapng")
    assert not remote.is_remote("-")


def test_what_is_named_again_is_told_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = ["a.pcap", "./a.pcap", "s3://lab/a", "-", "s3://lab/a", "b/../a.pcap", "-", "b.pcap"]
    assert remote.once([*paths, str(tmp_path / "a.pcap")]) == (
        ["a.pcap", "s3://lab/a", "-", "-", "b.pcap"],
        ["./a.pcap", "s3://lab/a", "b/../a.pcap", str(tmp_path / "a.pcap")],
    )


def test_folders_and_patterns(bucket, tmp_path):
    both = ["memory:///lab/0.pcapng", "memory:///lab/1.pcapng"]
    assert remote.expand([bucket]) == both
    assert remote.expand([f"{bucket}/*.pcapng"]) == both
    assert remote.expand([both[1]]) == both[1:]
    here = demos(tmp_path, 1)
    assert remote.expand([*here, both[0]]) == [*here, both[0]]


def test_what_is_there_is_judged_like_a_file(bucket, tmp_path):
    paths = remote.expand([bucket])
    found = serial(paths)
    for address, path in zip(paths, demos(tmp_path, 2), strict=True):
        found = found.replace(address, path)
    assert found == serial(demos(tmp_path, 2))


def test_the_size_and_the_file_fetched(bucket):
    address = f"{bucket}/notes.txt"
    assert remote.size(address) == len(b"no capture")
    with ExitStack() as closing:
        path = Path(remote.fetched(address, closing))
        assert path.read_bytes() == b"no capture"
    assert not path.exists()


def test_what_is_no_capture_is_refused_by_its_address(bucket):
    with ExitStack() as closing:
        capture = inputs([f"{bucket}/notes.txt"], None, closing)[0]
        with pytest.raises(CaptureError) as caught:
            capture.open(Setting())
    assert caught.value.path == f"{bucket}/notes.txt"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("memory://lab/absent.pcapng", "there is no such object"),
        ("memory://lab/*.absent", "it holds no capture"),
        ("nowhere://a/b", "Protocol not known"),
    ],
)
def test_what_cannot_be_reached(address, sentence):
    with pytest.raises(CaptureError, match=sentence):
        remote.expand([address])


def test_without_fsspec(monkeypatch):
    known = builtins.__import__

    def without(name, *rest):
        if name == "fsspec":
            raise ImportError(name)
        return known(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CaptureError, match=r"cpmspec\[dask\]"):
        remote.expand(["s3://bucket/a.pcapng"])
