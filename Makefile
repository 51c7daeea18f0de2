# Kho Mở. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export KHOMO_HOME ?= $(CURDIR)/data
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Whole files side by side, in the order of their tiers: the long ones begin first. Known defects are
# put in while another process makes the run that most end-to-end tests share.
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check fast dev docs bench bench-large clean

help: ## List the targets.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

# The stamps hold the lock files they were made from, so a changed lock installs again.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev

run: setup ## Set up, then pull, build, check and publish everything, through Dagster.
	@$(BIN)/khomo run

test: setup-dev check ## Set up, then lint, type-check and run all tests.
	@$(PYTEST) tests/defects tests/end_to_end tests/integration tests/dbt tests/unit

fast: setup-dev ## Only the tests that finish in about two minutes.
	@$(PYTEST) tests/dbt tests/unit

.PHONY: defects
defects: setup-dev ## Put every known defect in, and print what stopped it.
	@$(BIN)/python -m tests.defects

check: setup-dev ## Lint, types, SQL lint, contract lint.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types sql

.PHONY: types sql
types: setup-dev
	@$(BIN)/mypy

sql: setup-dev
	@$(BIN)/khomo lint --sql

dev: setup ## Dagster UI and daemon on http://127.0.0.1:3000
	@$(BIN)/khomo dev

docs: setup ## dbt's documentation of the models, as one HTML file.
	@$(BIN)/khomo docs

bench: setup-dev ## Fixed and marginal cost beside a plain DuckDB script, in one run.
	@$(BIN)/python -m tests.bench

bench-large: setup-dev ## 50 million dossiers on 2 cores and 4 GiB for DuckDB; needs 60 GB free and hours.
	@$(BIN)/python -m tests.bench.large

clean: ## Remove the virtual environment and caches; $KHOMO_HOME stays.
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
