"""The CPM Interworking Function, and the selection before it (Appendix Y, 5.4)."""
