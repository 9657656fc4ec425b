"""Users' preferences: what they can say, their document, and where it comes from (5.4)."""
