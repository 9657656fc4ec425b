"""The CPM Participating Function (System Description 5.2)."""
