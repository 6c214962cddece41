# make help lists the targets. PORT= chooses the port of the demo, PYTHON= the interpreter .venv is made with.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PORT ?= 8000
PY := .venv/bin/python

# pytest keeps the asserts it rewrites beside the tests: without, each worker of each run spends five seconds on them anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-test demo test test-fast wall lint format bench trail papers chaos security lock clean-demo
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

setup:  ## install what the demo needs
	@scripts/setup.sh

setup-test:  ## install what the tests need besides
	@scripts/setup.sh test

demo: setup  ## web, worker and beat on an embedded database (PORT=8000)
	@$(PY) scripts/demo.py --port $(PORT)

clean-demo:  ## forget what was done in the demo
	@rm -rf var/demo

test: setup-test  ## everything: SQLite, PostgreSQL with Redis and a worker, Chromium (PARTS="sqlite browser")
	@$(PY) scripts/test_all.py $(PARTS)

test-fast: setup-test  ## SQLite, without papers, services and browser, a quarter of the examples of each property
	@$(PY) -m pytest -q -n 2 --dist worksteal --hypothesis-profile=fast -m "not slow and not services and not browser and not bench"

wall: setup-test  ## PostgreSQL: every answer with row-level security and without, and the long walks behind it
	@$(PY) scripts/test_all.py wall walks

lint: setup-test  ## ruff, mypy, import-linter, djlint, djade, migrations, deploy checks
	@scripts/lint.sh

format:  ## let ruff and djade write what lint expects
	@.venv/bin/ruff check --fix-only --quiet . && .venv/bin/ruff format --quiet .
	@git ls-files -z --cached --others --exclude-standard 'templates/*.html' | xargs -0 -r .venv/bin/djade --target-version 5.2 || true

bench: setup-test  ## the measurements, as a table
	@$(PY) -m tests.bench

trail: setup-test  ## 10,000 tamperings of the trail, 1,000,000 honest entries, its cost (ENTRIES= TAMPERINGS= SEED=)
	@$(PY) -m tests.bench trail

papers: setup-test  ## every paper with its samples, as PDF and pictures in build/papers (ACCEPT=1 keeps the pictures)
	@ACCEPT=$(ACCEPT) $(PY) scripts/papers.py

chaos: setup-test  ## the life of 500 orders while everything fails: lost, doubled, skipped (ORDERS=500 SEED=)
	@$(PY) -m tests.chaos

security:  ## every scanner and an attack on the demo; OFFLINE=1 where no advisory service answers (ONLY="semgrep wapiti")
	@scripts/setup.sh security
	@OFFLINE=$(OFFLINE) $(PY) -m tests.security $(ONLY)

lock:  ## compile the locks from pyproject.toml and package.json (UPGRADE=1 takes newer releases)
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)
