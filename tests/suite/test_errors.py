from conformance.suite.errors import ConformanceError


def test_an_error_names_its_place() -> None:
    assert str(ConformanceError("it is empty", "a.toml")) == "a.toml: it is empty"
    assert str(ConformanceError("nothing to do")) == "nothing to do"
