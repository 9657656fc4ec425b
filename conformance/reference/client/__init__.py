"""The CPM Client: everything that a user's device does."""
