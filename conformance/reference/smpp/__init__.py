"""SMPP 3.4: its protocol data units, and the sessions that exchange them."""
