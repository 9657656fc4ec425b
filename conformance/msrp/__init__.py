"""MSRP (RFC 4975, 4976, 6135, 6714): octets to messages and back."""
