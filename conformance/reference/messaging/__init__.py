"""CPM Messages, and the MSRP sessions that carry them (RFC 3862, RFC 4975)."""
