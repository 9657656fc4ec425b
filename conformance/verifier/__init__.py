"""Judging observations against flows."""
