# The same words here and in continuous integration. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
ENGINE ?= docker
FRONTEND := frontend/node_modules/.package-lock.json

# Half of the tests to each worker, in order, so that the fixtures of a module are made once; who is done takes from the other.
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal --durations 25

.PHONY: help serve check test lint bench bundle first image smoke clean browser redis

help: ## list the commands
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' \
	  $(MAKEFILE_LIST)

##@ Use
serve: $(READY) ## run the dashboard at http://127.0.0.1:8050
	$(BIN)/batchscape serve

##@ Test
check: lint ## before a commit: lint, and the tests that need no browser, no Redis and no long computation
	cd frontend && npm test --silent
	$(PYTEST) -m 'not (slow or browser or redis)'

test: $(READY) $(FRONTEND) browser redis ## before a merge: every test, in a real browser and with Redis and workers too
	cd frontend && npm test --silent
	$(PYTEST)

lint: $(READY) $(FRONTEND) ## style, types, which module may import which, and whether the bundles are what the scripts give
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd frontend && npm run --silent lint

##@ Measure
bench: $(READY) ## measure against other tools and against the limit (minutes)
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[bench]'
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/background.py
	$(BIN)/python benchmarks/page.py

##@ Build
bundle: $(FRONTEND) ## build the page's scripts and its plotly.js anew
	cd frontend && npm run --silent build

first: $(READY) ## make the pictures that are shown before the page's scripts run
	PYTHONPATH=. $(BIN)/python tools/first.py

##@ Container
image: ## build the container's image (BUILD="--build-arg …" for its options)
	$(ENGINE) build --build-arg COMMIT=$(shell git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null) $(BUILD) -t batchscape .

smoke: image ## build the image, run it, and see that it does what it should (SMOKE="--network host" without a bridge)
	$(PYTHON) tools/smoke.py --engine $(ENGINE) $(SMOKE)

##@ Tidy
clean: ## remove what the other commands made
	rm -rf $(VENV) .venv-locust .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -c constraints.txt torch
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	touch $@

$(FRONTEND): frontend/package.json frontend/package-lock.json
	@node -e 'process.exit(Number.parseInt(process.versions.node) < 20 ? 1 : 0)' || \
	  { echo "The scripts are checked and built with Node.js 20 or newer and its npm: install it (nodejs.org), and try again." >&2; exit 1; }
	cd frontend && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

browser: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh tests/browser/install.sh

redis:
	@sh tests/workers/install.sh
