"""The scenarios of every flow: its variants as the reference implementation plays them."""
