"""Planted faults of every role, and the list that says what each of them breaks."""
