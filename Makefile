# Every target works in a fresh clone: what it needs is installed into $(VENV) first.
# `make test PYTHON=python3.12 VENV=.venv-3.12` does the same on another interpreter.

# The first interpreter that is new enough and can make an environment.
USABLE := import sys, ensurepip; sys.exit(sys.version_info < (3, 10))
PYTHON ?= $(or $(shell for python in python3 python3.13 python3.12 python3.11 python3.10 python; do \
	if $$python -c '$(USABLE)' 2>/dev/null; then echo $$python; break; fi; done),python3)
VENV   ?= .venv
ARGS   ?=

PY  := $(VENV)/bin/python
PIP := PIP_ROOT_USER_ACTION=ignore $(PY) -m pip install -qq --disable-pip-version-check

# The core, of which every branch is tested: the modules at the top of the package, and the parser of partial JSON.
CORE := sseclaude/*.py,sseclaude/partial_json/*.py

.DEFAULT_GOAL := help
.PHONY: help demo relay test check format coverage package bench fuzz soak docs pictures build vendor clean

help: ## say what the targets do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: $(VENV)/.cli ## stream four answers from the embedded server (ARGS=--live: from the API)
	@$(PY) -m sseclaude demo $(ARGS)

relay: $(VENV)/.dev ## try the relay: a Redis, two processes, the replay server as Claude
	@$(PY) -m tests.tools.relay_demo

test: $(VENV)/.dev ## run the tests (ARGS="-k name")
	$(PY) -m pytest $(ARGS)

check: $(VENV)/.dev ## lint, check the format and the types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy --strict

format: $(VENV)/.dev ## put the format right
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

coverage: $(VENV)/.dev ## run the tests, and fail if a branch of the core was not taken
	$(PY) -m coverage run -m pytest $(ARGS)
	$(PY) -m coverage report --skip-covered
	$(PY) -m coverage report --no-skip-covered --include='$(CORE)' --omit='sseclaude/__main__.py' --fail-under=100

package: $(VENV)/.dev ## build it, install it on every Python found, and check its types from outside
	$(PY) -m pytest -m package $(ARGS)

bench: $(VENV)/.dev ## measure against other clients (ARGS=--quick)
	$(PY) -m tests.tools.bench $(ARGS)

fuzz: $(VENV)/.dev ## mutate streams for a bounded time
	$(PY) -m tests.tools.fuzz $(ARGS)

soak: $(VENV)/.dev ## many streams at once with faults, for a bounded time
	$(PY) -m tests.tools.soak $(ARGS)

docs: $(VENV)/.dev ## renew the generated tables, and render the API reference to build/docs
	$(PY) -m tests.tools.docs $(ARGS)

pictures: $(VENV)/.dev ## make the README's pictures from a real run
	$(PY) -m tests.tools.pictures

build: $(VENV)/.dev ## build the wheel and the sdist into dist
	rm -rf dist
	$(PY) -m build
	$(PY) -m twine check --strict dist/*

vendor: $(VENV)/.cli ## copy the package into another project (DEST=path)
	@test -n "$(DEST)" || { echo "say where to: make vendor DEST=path/to/package" >&2; exit 2; }
	$(PY) -m sseclaude vendor $(DEST) $(ARGS)

clean: ## remove all that the targets made
	rm -rf .venv .venv-* build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find sseclaude tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written last: an install that was broken off is done again. The first line of the recipe
# only checks the interpreter, so that a missing one is named instead of failing later.
define install
	@$(PYTHON) -c '$(USABLE)' || { echo "No usable Python: install Python 3.10 or newer with venv (Debian: python3-venv), or name one: make PYTHON=path" >&2; exit 2; }
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV)"
	@$(PIP) --editable '.[$1]'
endef

$(VENV)/.cli: pyproject.toml
	$(call install,cli)
	@touch $@

$(VENV)/.dev: pyproject.toml
	$(call install,dev)
	@touch $@ $(VENV)/.cli
