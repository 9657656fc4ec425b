"""What every octet parser shares: the malformed message as a value, and limits on what input can grow."""
