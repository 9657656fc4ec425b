"""What every role is made of: events in, effects out, timers, chance, and choices left open."""
