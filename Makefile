# The commands of the project; `make help` lists them. Everything they make is in .venv, .venv-peers, var/ and models/.

PYTHON ?=
MODELS ?= models
SAMPLE ?= var/sample
DB ?= sqlite:///var/lpr.db
PORT ?= 8000

BIN := .venv/bin
READY := .venv/.ready
PEERS_READY := .venv-peers/.ready

.DEFAULT_GOAL := help
.PHONY: help env run test lint types tests peers bench translations screenshots test-api test-soak test-kill test-reload test-real clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(READY) ## make .venv with the project in it; quick when nothing changed

# The first Python named below that is 3.11 or newer, unless PYTHON says which.
$(READY): pyproject.toml constraints.txt setup.py $(wildcard recommender/*.pyx recommender/*.pxd)
	@set -eu; python=""; \
	for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python); do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "error: no Python 3.11 or newer found; install one, or name it: make env PYTHON=/path/to/python" >&2; exit 2; fi; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  rm -rf .venv; "$$python" -m venv .venv; fi; \
	echo "installing into .venv"; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train,postgresql,redis,cluster,bench,dev]'
	@touch $@

run: env ## make the sample company, fit a model, serve it on this machine
	@[ -f $(SAMPLE)/completions.csv ] || { rm -rf $(SAMPLE).new; \
	  $(BIN)/lpr sample $(SAMPLE).new && rm -rf $(SAMPLE) && mv $(SAMPLE).new $(SAMPLE); }
	@[ -f $(MODELS)/default/current ] || $(BIN)/lpr fit $(SAMPLE) --models $(MODELS)
	@[ -f $(SAMPLE)/.loaded ] && [ -f var/lpr.db ] || { $(BIN)/lpr load $(SAMPLE) --db $(DB) && touch $(SAMPLE)/.loaded; }
	@echo "open http://127.0.0.1:$(PORT)/ in a browser and choose as whom to look; until Ctrl+C. Or ask from another terminal:"
	@echo "  curl -s http://127.0.0.1:$(PORT)/v1/recommendations -H 'Content-Type: application/json' -d '{\"person\": {}, \"k\": 3}'"
	@exec $(BIN)/lpr serve --demo --models $(MODELS) --db $(DB) --port $(PORT)

POT := var/messages.pot
CATALOGUES := -d web/translations
translations: env ## gather the texts of the pages into the catalogues to translate, and compile those
	@mkdir -p var
	$(BIN)/pybabel -q extract -F pyproject.toml --omit-header --sort-output --add-location=never -o $(POT) web
	$(BIN)/pybabel update -i $(POT) $(CATALOGUES) --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120
	$(BIN)/pybabel compile $(CATALOGUES) --statistics

test: env peers lint types tests ## everything that must hold: lint, types, tests with coverage

lint: env ## format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: env ## type check
	$(BIN)/mypy

tests: env peers ## the tests alone, with coverage
	rm -f .coverage .coverage.*
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/coverage run -m pytest -m "not real" --numprocesses auto --dist loadfile
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

peers: $(PEERS_READY) ## make .venv-peers, where the libraries compared against live with their older NumPy

$(PEERS_READY): requirements-peers.txt $(READY)
	@set -eu; [ -x .venv-peers/bin/python ] || $(BIN)/python -m venv .venv-peers; \
	echo "installing into .venv-peers"; \
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-peers.txt
	@touch $@

# Those that run for minutes and judge what they see, or write pictures, have targets of their own.
ENDURANCE := benchmarks/screenshots.py benchmarks/fuzzed_api.py benchmarks/soak.py benchmarks/killed_service.py benchmarks/hot_reload.py benchmarks/killed_publishing.py

bench: env peers ## measure speed and memory against limits and against other libraries; most of half an hour
	@$(BIN)/python benchmarks/everything.py --but $(ENDURANCE)

screenshots: env ## make the pictures of the pages for the documentation (needs Chromium)
	$(BIN)/python benchmarks/screenshots.py

test-api: env ## send thousands of generated requests to every operation of the OpenAPI document
	$(BIN)/python benchmarks/fuzzed_api.py

test-soak: env ## ten minutes of reads and writes at full speed: no error, memory flat
	$(BIN)/python benchmarks/soak.py

test-kill: env ## kill the service 50 times on each database under writes, and 20 times while it publishes
	$(BIN)/python benchmarks/killed_service.py
	$(BIN)/python benchmarks/killed_publishing.py --times 20

test-reload: env ## activate a model 200 times under load
	$(BIN)/python benchmarks/hot_reload.py --times 200

test-real: env ## evaluate on the data beside the project (../shared/data); takes most of an hour
	$(BIN)/python -m pytest -m real

clean: ## remove caches and what run made; keeps .venv and saved models
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov build dist *.egg-info
	find recommender store training web tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
