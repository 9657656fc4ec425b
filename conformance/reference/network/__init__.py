"""The network on which a world lives: simulated, with what it loses and what a tap sees of it."""
