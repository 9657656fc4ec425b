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
