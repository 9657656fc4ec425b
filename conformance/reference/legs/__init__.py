"""The legs to non-CPM services: short messages over IP and over SMPP, and plain SIP MESSAGE."""
