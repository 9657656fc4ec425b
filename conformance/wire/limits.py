"""Limits on what input can grow; a breach is a `Gap` or a `Malformed` that names the limit."""

MAX_HEAD = 65_536
"""Octets of a start line with its header fields."""

MAX_HEADER_FIELDS = 1_024
"""Header fields in one message."""

MAX_BODY = 16_777_216
"""Octets of one body, reassembled."""

MAX_NESTING = 8
"""Depth of multipart in multipart."""

MAX_XML_DEPTH = 64
"""Depth of elements in an XML document."""

MAX_PARTS = 1_024
"""Parts of one multipart body."""

MAX_FRAGMENTS = 4_096
"""IP datagrams of which fragments are awaited."""

MAX_STREAM_HOLD = 4_194_304
"""Octets of one TCP direction held while a hole is awaited."""

MAX_STREAMS = 65_536
"""TCP directions with SIP or MSRP in them held at once."""

MAX_EXPANSION = 2_000
"""Octets that one octet of a compressed file may become; gzip reaches about 1 032."""

MAX_EXPANSION_FREE = 67_108_864
"""Octets that a compressed file may become in any case."""

MAX_TEXT_LOG = 17_179_869_184
"""Octets of a text log of SIP, which is put in order by way of a temporary file."""

MAX_OPEN = 4_000_000
"""Open conversations that a judge holds, each counted once for every flow that it may be of: those
heard last in memory, the others on file, about 1 GB and 5 GB. `--max-open` sets another number."""

MAX_TRANSACTIONS = 1_000_000
"""SIP transactions of 200 seconds that a judge knows again, by what repeats or answers them; about
1.5 GB."""

MAX_TUNNELS = 8
"""Packets inside packets in one frame."""

MAX_WEBSOCKET = 33_554_432
"""Octets of one WebSocket message, put together and decompressed."""
