"""What the beginning of a capture asks of its reader."""

from collections.abc import Iterator
from typing import BinaryIO

from conformance.capture import upper_pdu
from conformance.capture.chunks import Chunks
from conformance.capture.link import IP_START
from conformance.capture.pcap import Interface, Item, Secrets, read_pcap
from conformance.capture.pcapng import MAGIC, read_pcapng
from conformance.observation.trace import CaptureHealth

_LOOK = 1_048_576


def needs_wireshark(file: BinaryIO) -> bool:
    """Whether the capture's first MiB holds keys, or link types that we know not one of."""
    chunks = Chunks(file, CaptureHealth("", ""))
    chunks.need(len(MAGIC))
    links: set[int] = set()
    for item in _items(chunks):
        if isinstance(item, Secrets):
            return True
        if isinstance(item, Interface):
            links.add(item.link)
        if chunks.position > _LOOK:
            break
    return bool(links) and all(link not in IP_START and link != upper_pdu.LINK for link in links)


def _items(chunks: Chunks) -> Iterator[Item]:
    return read_pcapng(chunks) if chunks.octets.startswith(MAGIC) else read_pcap(chunks)
