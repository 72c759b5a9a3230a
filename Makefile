.DEFAULT_GOAL := help
# The first Python here that is new enough; `make PYTHON=…` takes another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
# Which of the slow tests `make test-slow` runs.
SLOW ?= slow
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: help run test test-slow canary check bench bench-short

help: ## say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.run: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Beatline needs Python 3.11 or newer; if it has another name: make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python lacks its venv module; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing Beatline into $(VENV) …"
	@$(PIP) install -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing the test tools into $(VENV) …"
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install -e '.[detect,media,pgp,postgres]' --group dev
	@touch $@

run: $(VENV)/.run ## start Beatline; without a token: the demo on http://localhost:8080/
	@$(BIN)/beatline run

test: $(VENV)/.dev ## run the tests but the slow ones, on SQLite and PostgreSQL
	@$(BIN)/python -m pytest -n 3 --dist loadfile

test-slow: $(VENV)/.dev ## run the slow tests
	@$(BIN)/python -m pytest -m "$(SLOW)"

canary: $(VENV)/.dev ## look in everything written for a resident who is known to the test
	@$(BIN)/python -m pytest -m canary

check: $(VENV)/.dev ## format, lint, types, imports, catalogues, articles
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_imports.py tests/test_env_example.py tests/test_repository.py
	@$(BIN)/beatline i18n check
	@$(BIN)/beatline advice check

bench: $(VENV)/.dev ## measure and print; nothing here is asserted by a test
	@$(BIN)/python -m bench

bench-short: $(VENV)/.dev ## run a little of each benchmark, to see that they work
	@$(BIN)/python -m bench --short
