# The same words here and in continuous integration. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
ENGINE ?= docker

.PHONY: help serve test lint bench bundle first image smoke clean browser redis

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

serve: $(READY) ## run the dashboard at http://127.0.0.1:8050
	$(BIN)/batchscape serve

test: $(READY) browser redis ## run every test, those with a browser and with Redis too
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations 25

lint: $(READY) ## style, types, and which module may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## measure against other tools and against the limit (minutes)
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[bench]'
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/background.py
	$(BIN)/python benchmarks/page.py

bundle: ## build the page's plotly.js anew (Node 20 or newer)
	cd tools/plotly && npm ci --ignore-scripts --no-audit --no-fund && node build.mjs

first: $(READY) ## make the pictures that are shown before the page's scripts run
	PYTHONPATH=. $(BIN)/python tools/first.py

image: ## build the container's image (BUILD="--build-arg …" for its options)
	$(ENGINE) build --build-arg COMMIT=$(shell git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null) $(BUILD) -t batchscape .

smoke: image ## build the image, run it, and see that it does what it should (SMOKE="--network host" without a bridge)
	$(PYTHON) tools/smoke.py --engine $(ENGINE) $(SMOKE)

clean: ## remove what the other commands made
	rm -rf $(VENV) .venv-locust .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -c constraints.txt torch
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	touch $@

browser: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh tests/browser/install.sh

redis:
	@sh tests/workers/install.sh
