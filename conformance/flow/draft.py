"""A step in the making: what its sentence and clauses say, before hops have numbers."""

from dataclasses import dataclass, field

from conformance.cpm.role import Role
from conformance.flow import nodes
from conformance.flow.nodes import Place
from conformance.flow.program import Kind
from conformance.flow.tree import Shape, Trail, relation


@dataclass(slots=True)
class Draft:
    """One step of the program to be."""

    index: int
    label: str
    kind: Kind
    node: nodes.StepNode
    path: tuple[Role, ...] = ()
    part: str = ""
    method: str = ""
    answers: int | None = None
    forwards: int | None = None
    statuses: frozenset[int] = frozenset()
    exact: bool = False
    dialog: int | None = None
    session: int | None = None
    about: int | None = None
    each: int | None = None
    repeat: nodes.Repeat | None = None
    role: Role | None = None
    witness: str = ""
    optional_message: bool = False
    deadline: nodes.Time | None = None
    sooner: list[nodes.Time] = field(default_factory=list)
    wheres: list[nodes.Where] = field(default_factory=list)
    anchors: list[tuple[int, int | None]] = field(default_factory=list)
    requirements: list[nodes.RequirementNode] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Where the step begins in its file."""
        return self.node.place

    @property
    def initial(self) -> bool:
        """True for a request that stands outside every dialog."""
        free = self.dialog is None and self.session is None
        return self.kind is Kind.REQUEST and free and self.method != "ACK"


@dataclass(slots=True)
class Drafts:
    """All steps so far, in printed order, with where each stands."""

    items: list[Draft] = field(default_factory=list)
    trails: dict[int, Trail] = field(default_factory=dict)

    def named(self, label: str) -> list[Draft]:
        """The steps, or parts of a step, with this label."""
        return [draft for draft in self.items if draft.label == label]

    def relation(self, one: int, trail: Trail) -> Shape:
        """How a step so far stands to this place in the flow."""
        return relation(self.trails[one], trail)
