"""What is kept: deferred messages, and the Message Storage Server, in SQLite."""
