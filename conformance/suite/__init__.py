"""The order of the steps: what runs, on what, with which setting."""
