"""The faults by name, and the list of what each of them breaks."""

from pathlib import Path

import pytest

from conformance.flow.catalogue import requirements
from conformance.flow.library import load
from conformance.reference.faults import catalogue, pushing
from conformance.reference.faults.catalogue import COLUMNS, Expected, Mutant, faults, mutants
from conformance.reference.faults.fault import Fault
from conformance.reference.scenarios.catalogue import MODULES, scenarios
from conformance.reference.world.setting import PLACES

LIST = mutants()
LINE = "f\tpf\tpush/base\twhat it does\tSD-1\tfail"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lists of one's own in the place of those of the package."""
    for group in catalogue.GROUPS:
        (tmp_path / f"{group}.tsv").write_text("# nothing\n\n", "utf-8")
    monkeypatch.setattr(catalogue.resources, "files", lambda package: tmp_path)
    return tmp_path


def test_every_fault_has_its_name_and_its_party():
    known = faults()
    assert known
    for name, fault in known.items():
        assert fault.id == name
        assert fault.replaced or fault.tamper or fault.edit, name
        assert fault.party in PLACES or (fault.edit and not fault.party), name


def test_a_name_is_given_once(monkeypatch: pytest.MonkeyPatch):
    twice = Fault("pf-twice", "pf", tamper=lambda octets, towards: octets)
    monkeypatch.setattr(pushing, "FAULTS", (twice, twice))
    with pytest.raises(ValueError, match="two faults pf-twice"):
        faults()


@pytest.mark.parametrize("one", LIST, ids=lambda one: f"{one.flow}-{one.variant}-{one.fault}")
def test_that_every_line_makes_sense(one: Mutant):
    names = {scenario.name for scenario in scenarios(one.flow)}
    assert one.fault in faults()
    assert one.flow in MODULES
    assert one.variant in names | {""}
    assert one.behaviour
    assert '"' not in one.behaviour
    assert not one.is_violation or not one.why


def test_that_every_violation_names_a_requirement_that_there_is():
    known = {one.id for flow in load(None).flows.values() for one in requirements(flow)}
    unknown = {m.requirement for m in LIST if m.expected is Expected.FAIL} - known
    assert unknown == set()


def test_no_line_is_there_twice():
    keys = [(one.fault, one.flow, one.variant) for one in LIST]
    assert len(set(keys)) == len(keys)


def test_every_fault_is_listed():
    assert set(faults()) - {one.fault for one in LIST} == set()


def test_a_line_is_read(folder: Path):
    # given
    why = "not observable: it rains"
    lines = ["# fault\trole", LINE, LINE.replace("fail", why).replace("push/base", "pull")]
    (folder / "pushing.tsv").write_text("\n".join(lines), "utf-8")
    # when
    one, other = mutants()
    # then
    assert one == Mutant("f", "pf", "push", "base", "what it does", "SD-1", Expected.FAIL)
    assert one.is_violation
    assert (other.flow, other.variant) == ("pull", "")
    assert (other.expected, other.why) == (Expected.NOT_OBSERVABLE, "it rains")
    assert not other.is_violation


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (LINE.replace("\tpf", ""), f"pulling.tsv line 1: {COLUMNS - 1} columns, not {COLUMNS}"),
        (LINE.replace("fail", "perhaps"), "pulling.tsv line 1: nobody expects 'perhaps'"),
        ("one two three", f"pulling.tsv line 1: 1 columns, not {COLUMNS}"),
    ],
)
def test_a_line_that_is_none_is_named(folder: Path, line: str, sentence: str):
    (folder / "pulling.tsv").write_text(line, "utf-8")
    with pytest.raises(ValueError, match=sentence):
        mutants()
