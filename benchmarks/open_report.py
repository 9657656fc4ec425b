"""How long a report takes to open: DOMContentLoaded and first paint, processor slowed four times.

`python -m benchmarks.open_report reports/index.html` (needs Chromium and the `browser` extra).
"""

import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

RUNS = 5
SLOWER = 4
LAST_EVENT = (
    "Math.max(performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,"
    "...performance.getEntriesByType('paint').map(one => one.startTime))"
)


def measure(page_file: Path) -> list[float]:
    """Milliseconds to the last of both events, once a run."""
    chromium = shutil.which("chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        times = []
        for _ in range(RUNS):
            page.goto(page_file.resolve().as_uri())
            times.append(float(page.evaluate(LAST_EVENT)))
        browser.close()
    return times


def main(arguments: list[str]) -> int:
    """Print the median and the range for each report; status 2 without one."""
    if not arguments:
        sys.stderr.write("which report? python -m benchmarks.open_report FILE.html\n")
        return 2
    for name in arguments:
        times = measure(Path(name))
        sys.stdout.write(
            f"{name}: median {statistics.median(times):.0f} ms "
            f"({min(times):.0f} to {max(times):.0f}), {RUNS} runs, {SLOWER} times slower\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
