"""SIP (RFC 3261): octets to messages and back."""
