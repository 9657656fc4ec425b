"""Fuzz one target, or all: `python -m benchmarks.fuzz.run [TARGET …] [--seconds N]`.

With atheris installed inputs are guided by coverage; without it, the seeds are changed by chance.
A finding is written to `seeds/<target>/`, where the tests try it for ever after.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from importlib.util import find_spec
from multiprocessing import Process
from pathlib import Path
from resource import RLIMIT_AS, setrlimit

from benchmarks.fuzz.targets import TARGETS, Target

SEEDS = Path(__file__).parent / "seeds"
MEMORY = 2_147_483_648
"""Octets of address space that a target may take."""

_LARGEST = 65_536
_SLOW = 5.0


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


def attempt(name: str, target: Target, octets: bytes) -> bool:
    """Whether a target bears an input; what it does not bear is kept and told."""
    begun = time.monotonic()
    try:
        target(octets)
    except Exception as error:  # noqa: BLE001 - every exception is a finding
        sys.stderr.write(f"{name}: {type(error).__name__}: {error}\n  {keep(name, octets)}\n")
        return False
    if time.monotonic() - begun > _SLOW:
        sys.stderr.write(f"{name}: slower than {_SLOW} s\n  {keep(name, octets)}\n")
        return False
    return True


def fuzz(name: str, seconds: float, seed: int) -> None:
    """Try changed seeds until the time is over; end with 1 when something was found."""
    setrlimit(RLIMIT_AS, (MEMORY, MEMORY))
    known = [path.read_bytes() for path in seeds(name)]
    end = time.monotonic() + seconds
    tried = 0
    good = True
    for octets in mutants(known, random.Random(seed)):
        good = attempt(name, TARGETS[name], octets) and good
        tried += 1
        if time.monotonic() > end:
            break
    sys.stdout.write(f"{name}: {tried} inputs, {'nothing found' if good else 'FOUND'}\n")
    sys.stdout.flush()
    raise SystemExit(0 if good else 1)


def fuzz_guided(name: str, seconds: float, seed: int) -> None:
    """The same by atheris, which keeps what reaches new code."""
    import atheris

    atheris.instrument_all()
    folder = SEEDS / name
    arguments = [
        name,
        f"-max_total_time={int(seconds)}",
        f"-seed={seed or 1}",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([*arguments, f"-artifact_prefix={folder}/found-", str(folder)], TARGETS[name])
    atheris.Fuzz()


def main() -> int:
    """Fuzz each target in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=1_200, help="for each target")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same inputs")
    args = parser.parse_args()
    if unknown := set(args.targets) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    way = fuzz_guided if find_spec("atheris") else fuzz
    failed = 0
    for name in args.targets or TARGETS:
        process = Process(target=way, args=(name, args.seconds, args.seed))
        process.start()
        process.join()
        failed += process.exitcode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
