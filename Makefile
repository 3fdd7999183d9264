# Two commands: `make demo` and `make test`. The rest is for those who work on codesign.
PORT ?= 8000
PYTHON ?= python3
BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check
JOBS ?= auto
export PIP_NO_INPUT = 1

.DEFAULT_GOAL := help
.PHONY: help demo test bench check format lock pictures messages clean

help: ## What can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

demo: .venv/ready ## Build three example towns and serve them on http://localhost:8000 (PORT= changes it)
	@$(BIN)/codesign demo --port $(PORT)

test: .venv/ready-for-tests ## Install what tests need and run the whole suite
	@$(BIN)/python -m tools.get_chromium || true
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

bench: .venv/ready-for-tests ## Measure on this machine and print the table, BENCH="--quick" in short (docs/performance.md)
	@$(BIN)/python -m tools.get_wrk
	$(BIN)/python -m benchmarks $(BENCH)

check: .venv/ready-for-tests ## Format, lint, types and floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready-for-tests ## Put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/ready ## Pin the newest dependencies again, with hashes
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --upgrade --quiet --output-file requirements/main.txt
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --group test --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade --quiet \
		--constraint requirements/main.txt --output-file requirements/test.txt

pictures: .venv/ready-for-tests ## Take the pictures of the README in a real browser
	$(BIN)/python -m tools.pictures

messages: .venv/ready ## Collect the sentences for translators into every catalogue
	$(BIN)/python tools/messages.py

clean: ## Remove what was made, but not the data
	rm -rf .venv .cache dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/ready: requirements/main.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("codesign needs Python 3.11 or newer.")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --quiet --require-hashes --requirement requirements/main.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-for-tests: requirements/test.txt .venv/ready
	$(PIP) install --quiet --require-hashes --requirement requirements/test.txt
	@touch $@
