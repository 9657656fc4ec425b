from conformance.flow.parts import Place, Word


def test_places_sort_as_the_file_reads() -> None:
    assert Place(2, 9) < Place(3, 1)
    assert Word("a", Place(1, 1)) == Word("a", Place(1, 1))
