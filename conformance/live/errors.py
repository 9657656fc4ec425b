"""What is wrong with sockets that were asked for."""


class PlumbingError(Exception):
    """An endpoint that cannot be had; the sentence says which and why."""
