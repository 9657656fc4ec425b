"""The XDM enabler: the XDMS that keeps preferences, and an XCAP client to ask it (RFC 4825)."""
