# make demo    a shop, a till and the bridge between them, on this machine
# make test    everything that is checked: style, types, layers, tests, simulation
# make lint    style, types and layers only
# make bench   the promised speeds, measured here
# make dist    wheel, source archive and the plugin as an installable zip, in dist/
#
# Each sets up what it needs by itself (see .ci/setup).

.DEFAULT_GOAL := help
.PHONY: help demo test lint php tests simulation e2e bench dist
.NOTPARALLEL:

BIN := .venv/bin
BENCHES := ingest latency idle reconcile relay backlog
STORE_BENCHES := checkout levels apply

# A few workers more than cores: many tests wait for programs that they started. `make tests WORKERS=0` runs one by one.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
WORKERS ?= $(shell expr $(CORES) + 2)

# The tests start our programs some hundred times: these are compiled once.
unexport PYTHONDONTWRITEBYTECODE

help:
	@sed -n 's/^# make /make /p' Makefile

demo:
	@.ci/setup run
	@exec $(BIN)/tillbridge demo

test: lint php tests simulation e2e

lint:
	@.ci/setup test
	@echo "== style (ruff)"
	@$(BIN)/ruff check --quiet . && echo "clean"
	@echo "== types (mypy)"
	@$(BIN)/mypy
	@echo "== layers (import-linter)"
	@$(BIN)/lint-imports --no-logo

php:
	@.ci/php

tests:
	@.ci/setup test
	@echo "== tests (pytest, $(WORKERS) at a time)"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --no-loadscope-reorder

simulation:
	@.ci/setup test
	@echo "== simulation"
	@$(BIN)/python -m tests.simulation --schedules 300 --seed 1

e2e:
	@.ci/setup test
	@echo "== real WordPress"
	@if [ -n "$$TILLBRIDGE_E2E_WORDPRESS" ] && [ -n "$$TILLBRIDGE_E2E_WOOCOMMERCE" ] && [ -n "$$TILLBRIDGE_E2E_WPCLI" ]; then \
		$(BIN)/python -m tests.e2e all; \
	else \
		echo "NOT RUN: set TILLBRIDGE_E2E_WORDPRESS, TILLBRIDGE_E2E_WOOCOMMERCE and TILLBRIDGE_E2E_WPCLI to run it"; \
	fi

bench:
	@.ci/setup bench
	@failed=; for bench in $(BENCHES); do \
		echo "== $$bench"; \
		$(BIN)/python -m tests.bench $$bench --json || failed="$$failed $$bench"; \
	done; \
	for bench in $(STORE_BENCHES); do \
		echo "== $$bench (real WooCommerce)"; \
		$(BIN)/python -m tests.bench $$bench --json; status=$$?; \
		if [ $$status -eq 3 ]; then echo "NOT RUN"; elif [ $$status -ne 0 ]; then failed="$$failed $$bench"; fi; \
	done; \
	if [ -n "$$failed" ]; then echo "promise not kept:$$failed"; exit 1; fi

dist:
	@.ci/setup dist
	@rm -rf dist
	@$(BIN)/python -m build --outdir dist . >.venv/build.log 2>&1 || { cat .venv/build.log; exit 1; }
	@$(BIN)/python .ci/plugin dist >/dev/null
	@ls -1 dist/*
