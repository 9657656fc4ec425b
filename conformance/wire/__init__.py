"""What every octet parser shares: malformed messages as values, limits on what input can grow."""
