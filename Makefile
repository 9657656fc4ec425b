# Two commands do everything: `make verify` and `make test`. Both set up what they need.

.PHONY: verify test check peers captures clean

# The sample's date is that of its captures: equal results are equal files, and git shows only changes.
verify: export SOURCE_DATE_EPOCH ?= 1772442000
verify:
	@tools/prepare.sh use
	@mkdir -p reports
	@.venv/bin/cpmspec verify captures --index captures/index.toml \
	    --html reports/index.html --json reports/results.json --junit reports/junit.xml

# For two cores: the third process waits for real clocks, and needs none (tests/conftest.py).
test: check
	.venv/bin/python -m pytest -n 3

# What a change must pass before its tests run: form, types, floors.
check:
	@tools/prepare.sh dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# The heavy counterparts of some tests; without them these tests are skipped, loudly.
peers:
	@tools/peers.sh tshark chromium sip-tester:sipp kamailio linphone-cli:linphone-daemon

# Make captures/ anew: the same octets every time.
captures:
	@tools/prepare.sh dev
	@rm -rf captures
	.venv/bin/cpmspec simulate --sample -o captures

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
