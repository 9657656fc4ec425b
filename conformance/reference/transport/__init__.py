"""SIP messages as they are written, and SIP's transport layer (RFC 3261 sections 7 and 18)."""
