"""Options and fixtures of the whole suite."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test measures time: a machine that is busy, or pauses, breaks no law.
settings.register_profile(
    "cpmspec", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("cpmspec")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden anew from what the tests make, for a person to read the diff",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of tests/golden, octet by octet."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        octets = text.encode()
        if request.config.getoption("--update-golden"):
            path.write_bytes(octets)
        assert path.is_file(), f"tests/golden/{name} is absent: run pytest --update-golden"
        assert path.read_bytes() == octets, f"tests/golden/{name} differs"

    return check
