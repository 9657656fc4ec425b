"""SIP user agents: dialogs, sessions, subscriptions (RFC 3261 sections 8 to 15, RFC 6665)."""
