from conformance.flow.errors import FlowError, did_you_mean


def test_render_shows_place_line_and_caret() -> None:
    wrong = FlowError("a.flow", 3, 5, "this is wrong", "one\ttwo")
    assert wrong.render() == "a.flow:3:5: this is wrong\n    one two\n        ^"
    assert str(wrong) == "a.flow:3:5: this is wrong"


def test_without_a_place_only_the_file_is_named() -> None:
    assert FlowError("a.flow", 0, 0, "it cannot be read").render() == "a.flow: it cannot be read"


def test_did_you_mean_ignores_case_and_stays_silent_when_nothing_is_close() -> None:
    assert did_you_mean("event", ["Event", "Expires"]) == " (did you mean 'Event'?)"
    assert did_you_mean("zzz", ["Event"]) == ""
