"""From packets to observations: our streaming reader, and Wireshark as the second."""
