"""What goes wrong with a user's file rather than with a sender or with us."""


class CaptureError(Exception):
    """A capture that is none, cannot be read, or cannot be read as asked: path and sentence."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}")
        self.path = path
        self.sentence = sentence

    def __reduce__(self) -> tuple[type["CaptureError"], tuple[str, str]]:
        return type(self), (self.path, self.sentence)
