"""A small flow that the tests of this folder vary."""

from conformance.flow.compile import compile_flow
from conformance.flow.program import Program
from conformance.flow.syntax import parse

HEAD = """flow x "An example"
  source "A document" clause "1"
  roles
    client   CPM Client A, Handset
    core     SIP/IP Core A
    pf       CPM Participating Function A
  identified by 1-2

"""
INVITE = """\
  1-2. CPM Participating Function A sends INVITE to CPM Client A via SIP/IP Core A.
"""
ANSWER = """\
  3-4. CPM Client A answers 1-2 with OK via SIP/IP Core A.
"""
SEND = """\
  5. CPM Participating Function A sends MSRP SEND to Handset in the session of 1-2, once or more.
"""
END = """\
  end. CPM Participating Function A ends the session of 1-2 via SIP/IP Core A.
"""
ORIGIN = 'clause "1" "A sentence."'


def build(body: str, head: str = HEAD) -> Program:
    """The program of a body below the sample's head."""
    return compile_flow(parse(head + body, "x.flow"))


def before(program: Program, number: str) -> set[str]:
    """The printed numbers of the hops that must come before the first of this one."""
    hop = next(hop for hop in program.hops if hop.number == number)
    mask = program.before[hop.index]
    return {other.number for other in program.hops if mask >> other.index & 1}
