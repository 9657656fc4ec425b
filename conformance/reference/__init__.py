"""The reference implementation: every role of OMA CPM as state machines without I/O."""
