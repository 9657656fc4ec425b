"""Showing results: JSON is the one truth, every other form is rendered from it."""
