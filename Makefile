# Sets up and runs everything. Needs Python 3.11+, git and make; writes only into this folder and the installers' caches.
#
#   make demo    the whole product against the stand-in GitHub     make check   style, types, imports, docs, schemas
#   make test    every test, with coverage                         make bench   measurements beside peers
#   make setup   only sets up                                      make lock    renews requirements/*.lock

SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
JOBS ?= 2
SUITE ?= test

BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALL := VIRTUAL_ENV=$(VENV) $(UV) pip install --system-certs --quiet
STAMP := $(VENV)/.stamp
VERSIONS := 3.12 3.13
# Folders whose tests start the service; named, since to collect all others for them takes 20 s each time.
SERVICE := tests/acceptance tests/integration
# How many tests at once that mostly wait: for a lease to end, for a grace to be over.
WAITING := 3
# What decides, and what a stranger meets first: every line and every branch. All else: fail_under in pyproject.toml.
WHOLLY_COVERED := app/domain/*,app/receiver/signature.py,app/adapters/*/policy.py,handlers/*/policy.py

.PHONY: help setup demo test test-unit test-versions check bench lock clean

help:
	@sed -n 's/^#   //p' Makefile

setup: $(STAMP)-check

demo: $(STAMP)-demo
	$(BIN)/hephaestus demo $(ARGS)

# With ARGS one run, one test after the other: what is narrowed has no whole coverage, and may hold a test that runs alone.
test: $(STAMP)-test
ifeq ($(strip $(ARGS)),)
	$(BIN)/python -m pytest -m 'not service' -n $(JOBS) --dist loadfile --cov --cov-report= --cov-fail-under=0
	$(BIN)/coverage report
	$(BIN)/coverage report --include='$(WHOLLY_COVERED)' --fail-under=100
	$(BIN)/python -m pytest $(SERVICE) -m 'not alone and not waits' -n $(JOBS) --dist loadfile
	$(BIN)/python -m pytest $(SERVICE) -m waits -n $(WAITING) --dist load
	$(BIN)/python -m pytest $(SERVICE) -m alone
else
	$(BIN)/python -m pytest $(ARGS)
endif

test-unit: $(STAMP)-test
	$(BIN)/python -m pytest tests/unit -n $(JOBS) --dist loadfile $(ARGS)

# The same tests (SUITE=test-unit: a part) on each further Python that is installed, each in an environment of its own.
test-versions:
	@set -e; for version in $(VERSIONS); do \
	  if python$$version -c '' 2>/dev/null; then \
	    $(MAKE) $(SUITE) PYTHON=python$$version VENV=.venv-$$version; \
	  else echo "python$$version is not installed: not tested"; fi; done

check: $(STAMP)-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture

bench: $(STAMP)-test
	$(BIN)/python -m tests.benchmarks $(ARGS)

# One resolution for all: the narrower locks are cut from the widest, so that no two of them disagree.
COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-annotate --no-emit-index-url --no-emit-find-links --group build
lock: $(STAMP)-uv
	$(COMPILE) --extra demo --group test --group check --output-file requirements/check.lock
	$(COMPILE) --extra demo --group test --constraint requirements/check.lock --output-file requirements/test.lock
	$(COMPILE) --extra demo --constraint requirements/check.lock --output-file requirements/demo.lock
	$(COMPILE) --constraint requirements/check.lock --output-file requirements/runtime.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --group setup --output-file requirements/setup.lock
	@! grep -n '://' requirements/*.lock || { echo 'a lock file names a host'; exit 1; }

clean:
	rm -rf $(VENV) $(addprefix .venv-,$(VERSIONS)) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11: make $(MAKECMDGOALS) PYTHON=/path/to/newer"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "$(PYTHON) has no ensurepip, so it cannot make $(VENV): on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(STAMP)-uv: requirements/setup.lock | $(BIN)/python
	@echo 'setting up $(VENV): first the installer, then the packages; the first time this takes a minute or so'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/setup.lock
	@touch $@

# The project itself: editable, without its dependencies (they come from the lock), built with the locked build tools.
$(STAMP)-demo $(STAMP)-test $(STAMP)-check: $(STAMP)-%: requirements/%.lock pyproject.toml $(STAMP)-uv
	@echo 'installing the packages of requirements/$*.lock'
	$(INSTALL) --require-hashes --compile-bytecode --requirement requirements/$*.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
