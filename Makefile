# `make demo` runs the main job, `make test` the tests; each sets up what it needs in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
MOTO := $(VENV)/moto-tests
CODE := orchestrator drills stacks tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help demo test test-nightly test-moto check format bench pulumi-preview lock clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=…)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## fail a simulated contact centre over to the other Region, with a report
	@$(BIN)/failover drill run region-outage

test: $(STAMP) ## every test but the nightly ones
	@$(BIN)/python -m pytest --numprocesses auto

test-nightly: $(STAMP) ## the heavy campaigns
	@$(BIN)/python -m pytest -m nightly --numprocesses auto

$(MOTO)/.set-up: $(STAMP) tests/moto/requirements.lock
	@rm -rf $(MOTO)/site
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		--target $(MOTO)/site -r tests/moto/requirements.lock
	@touch $@

test-moto: $(MOTO)/.set-up ## moto's own tests of the services that we extend: alone, with our extension, by a cloud's rules
	@$(BIN)/python tests/moto/run.py $(MOTO)

check: $(STAMP) ## format, lint, types, import layers
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(STAMP) ## format, and mend what lint can mend
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

bench: $(STAMP) ## measure the engine beside its floor, and the cold start
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python benchmarks/run.py

pulumi-preview: $(STAMP) ## what `pulumi up` would do to each stack, on a backend of its own; deploys nothing
	@$(BIN)/python -m stacks.preview

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --output-file requirements.lock --quiet requirements.build
	uv pip compile tests/moto/requirements.in --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --output-file tests/moto/requirements.lock --quiet

clean: ## forget the environment and the state
	rm -rf $(VENV) .failover .mypy_cache .ruff_cache .pytest_cache
