"""The oracle: what a real role sent, against what the reference role may send."""
