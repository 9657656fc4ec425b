"""The command line: one module a sub-command; exit codes; the only wall clock."""
