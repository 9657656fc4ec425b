from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.report import wording
from conformance.verifier.verdict import Reason, Status, Verdict


def test_every_value_has_its_words() -> None:
    for verdict in Verdict:
        assert wording.SIGNS[verdict]
        assert wording.WORDS[verdict]
        assert wording.MEANINGS[verdict]
        assert wording.HEADLINES[verdict]
    assert set(wording.STATUS_SIGNS) == set(Status)
    assert set(wording.REASONS) == set(Reason)
    assert set(wording.ROLE_NAMES) == set(Role)
    assert set(wording.LEVELS) == set(Level)


def test_signs_tell_verdicts_apart_without_colour() -> None:
    assert len(set(wording.SIGNS.values())) == len(Verdict)


def test_a_role_has_its_printed_name() -> None:
    assert wording.role_name("pf") == "Participating Function"
    assert wording.role_name("nobody") == "nobody"
