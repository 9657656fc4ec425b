"""The vocabulary of OMA CPM: roles, service identifiers, identities."""
