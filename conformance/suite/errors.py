"""What is wrong with what the user gave: options, settings, index files."""


class ConformanceError(Exception):
    """A fault of the user's input: a sentence, and the place (a file, an option) where it is."""

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(f"{place}: {sentence}" if place else sentence)
        self.sentence = sentence
        self.place = place

    def __reduce__(self) -> tuple[type["ConformanceError"], tuple[str, str]]:
        return type(self), (self.sentence, self.place)
