# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Targets are thin: what they do is in tests/tasks (checks), tests/testbed (clusters) and tests/demo.

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
# Both slow every start of Ansible down.
unexport PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED

# Said by any Python there is, before one reads a file that only a newer one understands.
OLD_PYTHON := Python 3.11 or newer is needed, this is %d.%d; make PYTHON=python3.x names another

.PHONY: help python demo demo-down test test-full check testbed-up testbed-down bench docs format release venv
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

demo: $(if $(KUBECONFIG),,needs-demo) venv ## boot a cluster (CLUSTERS=3: a hub and two edges), deploy Thanos, prove it; KUBECONFIG=… [CONTEXT=…] uses yours
	@$(VENV_PYTHON) -m tests.demo up $(if $(CLUSTERS),--clusters $(CLUSTERS))

demo-down: venv ## remove every trace of the demo
	@$(VENV_PYTHON) -m tests.demo down

check: venv ## lint, types and unit tests, in seconds; needs neither root nor Go
	@$(VENV_PYTHON) -m tests.tasks check

test: needs-test venv ## everything that one cluster can prove, set-up included (.ci/run calls it)
	@$(VENV_PYTHON) -m tests.tasks test

test-full: needs-test-full venv ## what `test` runs, and what takes longer
	@$(VENV_PYTHON) -m tests.tasks test-full

testbed-up: needs-testbed-up venv ## boot CLUSTERS real clusters (default 1)
	@$(VENV_PYTHON) -m tests.testbed prepare
	@$(VENV_PYTHON) -m tests.testbed build
	@$(VENV_PYTHON) -m tests.testbed up --clusters $(or $(CLUSTERS),1)

testbed-down: venv ## stop the clusters and remove every trace of them
	@$(VENV_PYTHON) -m tests.testbed down

bench: venv ## measure beside others and beside an earlier commit; PARTS="stack deploy fleet modules …" picks, BENCH_ROUNDS=5
	@$(VENV_PYTHON) -m pytest -q -s $(or $(PARTS:%=tests/benchmarks/test_%.py),tests/benchmarks)

docs: venv ## build the documentation site, with a reference of every module, role and filter, into .build/docs
	@$(VENV_PYTHON) -m tests.tasks.docs

format: venv ## rewrite the Python code in the project's format
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

release: venv ## VERSION=1.2.3: make the changelog, check, build the archive, commit and tag; publishes nothing
	@$(VENV_PYTHON) -m tests.tasks.release $(VERSION)

venv: python
	@$(PYTHON) -m tests.tasks.venv

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(OLD_PYTHON)" % sys.version_info[:2])'

needs-%: python
	@$(PYTHON) -m tests.tasks.needs $*
