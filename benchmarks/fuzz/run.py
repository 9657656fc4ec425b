"""Fuzz one target, or all in turn: `python -m benchmarks.fuzz.run [TARGET …] [--seconds N]`.

With atheris installed (`pip install atheris`) inputs are guided by coverage, and those that reach
new code are kept in `corpus/`, where the next run goes on; without it, or with `--unguided`, the
seeds are changed by chance. A finding is an exception, an input that takes more than 5 s of
processor time, or more memory than the limit. It is written to `seeds/<target>/`, where the tests
try it for ever after.
"""

import argparse
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from hashlib import sha256
from importlib.util import find_spec
from multiprocessing import Process
from pathlib import Path
from resource import RLIMIT_AS, RUSAGE_SELF, getrusage, setrlimit
from types import FrameType

from benchmarks.fuzz.targets import TARGETS, Target

SEEDS = Path(__file__).parent / "seeds"
CORPUS = Path(__file__).parent / "corpus"
MEMORY = 2_147_483_648
"""Octets of address space that a target may take; guided, octets of memory in use."""

_LARGEST = 65_536
_SLOW = 5.0
_HANGS = 30.0


class Hang(BaseException):
    """One input took more processor time than any may."""


def seeds(name: str) -> list[Path]:
    """The inputs kept for a target."""
    return sorted(path for path in (SEEDS / name).glob("*") if path.is_file())


def mutants(known: list[bytes], chance: random.Random) -> Iterator[bytes]:
    """Changed seeds without end: octets flipped, cut out, repeated, and mixed with another's."""
    while True:
        octets = bytearray(chance.choice(known) if known else b"")
        for _ in range(chance.randint(1, 8)):
            at = chance.randint(0, len(octets))
            size = chance.choice((1, 1, 2, 4, 16, 256))
            match chance.randrange(5):
                case 0:
                    octets[at : at + 1] = chance.randbytes(1)
                case 1:
                    del octets[at : at + size]
                case 2:
                    octets[at:at] = octets[at : at + size] * chance.randint(1, 40)
                case 3:
                    octets[at:at] = chance.choice((b"\r\n", b"\r\n\r\n", b'"', b"<", b"\0", b"-"))
                case _:
                    other = chance.choice(known) if known else b""
                    place = chance.randint(0, len(other))
                    octets[at : at + size] = other[place : place + size]
        yield bytes(octets[:_LARGEST])


def keep(name: str, octets: bytes) -> Path:
    """Keep an input that brought something down."""
    path = SEEDS / name / f"found-{sha256(octets).hexdigest()[:12]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)
    return path


class Trial:
    """A target that is tried until the time is over; of all findings at one place, one is kept."""

    def __init__(self, name: str, target: Target, seconds: float) -> None:
        self._name = name
        self._target = target
        self._begun = time.monotonic()
        self._end = self._begun + seconds
        self._places: set[str] = set()
        self._tried = 0

    def __call__(self, octets: bytes) -> None:
        """Try one input."""
        self._tried += 1
        if place := self._fault(octets):
            if place not in self._places:
                sys.stderr.write(f"{self._name}: {place}\n  {keep(self._name, octets)}\n")
            self._places.add(place)
        if time.monotonic() > self._end:
            self._finish()

    def _fault(self, octets: bytes) -> str:
        """What the target does not bear of an input, and where."""
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, _HANGS)
        try:
            self._target(octets)
        except (Exception, Hang) as error:  # noqa: BLE001 - every exception is a finding
            last = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__} at {last.filename}:{last.lineno}"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return f"slower than {_SLOW} s" if time.process_time() - begun > _SLOW else ""

    def _finish(self) -> None:
        """Tell what came of it, and end the process: atheris ends in no other way."""
        found = f"FOUND at {len(self._places)} places" if self._places else "nothing found"
        sys.stdout.write(
            f"{self._name}: {self._tried} inputs in {time.monotonic() - self._begun:.0f} s, "
            f"peak {getrusage(RUSAGE_SELF).ru_maxrss // 1_024} MiB, {found}\n"
        )
        sys.stdout.flush()
        os._exit(1 if self._places else 0)


def _hang(_number: int, _frame: FrameType | None) -> None:
    raise Hang


def fuzz(name: str, seconds: float, seed: int) -> None:
    """Try changed seeds until the time is over; end with 1 when something was found."""
    setrlimit(RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _hang)
    attempt = Trial(name, TARGETS[name], seconds)
    known = [path.read_bytes() for path in seeds(name)]
    for octets in mutants(known, random.Random(seed)):
        attempt(octets)


def fuzz_guided(name: str, seconds: float, seed: int) -> None:
    """The same by atheris, which keeps what reaches new code."""
    import atheris

    signal.signal(signal.SIGPROF, _hang)
    corpus = CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    limits = [f"-rss_limit_mb={MEMORY >> 20}", f"-max_len={_LARGEST}", "-timeout=300"]
    options = [f"-seed={seed or 1}", "-verbosity=0", f"-artifact_prefix={SEEDS / name}/found-"]
    folders = [str(corpus), str(SEEDS / name)]
    atheris.Setup(
        [name, *limits, *options, *folders],
        Trial(name, TARGETS[name], seconds),
        enable_python_coverage=True,
    )
    atheris.Fuzz()


def main() -> int:
    """Fuzz each target in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=1_200, help="for each target")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same inputs")
    parser.add_argument("--unguided", action="store_true", help="without atheris")
    args = parser.parse_args()
    if unknown := set(args.targets) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    guided = find_spec("atheris") and not args.unguided
    if guided:
        import atheris

        # Once: every process that is forked has it.
        atheris.instrument_all()
    failed = 0
    for name in args.targets or TARGETS:
        process = Process(
            target=fuzz_guided if guided else fuzz, args=(name, args.seconds, args.seed)
        )
        process.start()
        process.join()
        failed += process.exitcode != 0
    return min(failed, 1)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Not sys.exit: what atheris instrumented trips over an interpreter that ends.
    os._exit(status)
