"""The reference roles on real sockets: the same components, another plumbing."""
