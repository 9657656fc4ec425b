"""The SIP/IP Core: edge, registrar, proxies and service routing (RFC 3261, TS 24.229)."""
