.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run test test-slow check bench

help: ## say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Beatline needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Beatline into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing the test tools into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[postgres]' --group dev
	@touch $@

run: $(VENV)/.run ## start Beatline; without a token: the demo on http://localhost:8080/
	@$(BIN)/beatline run

test: $(VENV)/.dev ## run the tests but the slow ones, on SQLite and PostgreSQL
	@$(BIN)/python -m pytest

test-slow: $(VENV)/.dev ## run the slow tests
	@$(BIN)/python -m pytest -m slow

check: $(VENV)/.dev ## format, lint, types, imports, catalogues
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_imports.py
	@$(BIN)/beatline i18n check

bench: $(VENV)/.dev ## measure and print; nothing here is asserted by a test
	@$(BIN)/python -m bench
