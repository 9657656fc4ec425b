"""The flow language: text to a partial order of hops."""
