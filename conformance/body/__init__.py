"""Message bodies, one module a media type."""
