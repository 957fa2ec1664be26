# make help lists the targets. Needs make and Python 3.11 or newer with venv; everything else is installed here.
PYTHON ?= python3
PORT ?= 5000
VENV := .venv
BIN := $(VENV)/bin
FLASK := FLASK_APP=app.py $(BIN)/flask
SIMULATOR_PORT ?= $(shell expr $(PORT) + 1)
SIMULATED := http://127.0.0.1:$(SIMULATOR_PORT)
# The public test merchant, at a PayGate of our own; a DCX_PAYGATE_ID of yours leads elsewhere.
SIMULATOR = $(if $(DCX_PAYGATE_ID),,SIMULATOR_PORT=$(SIMULATOR_PORT) DCX_PAYGATE_ID=10011072130 DCX_PAYGATE_KEY=secret DCX_PAYHOST_PASSWORD=test DCX_PAYGATE_URL=$(SIMULATED)/payweb3 DCX_PAYHOST_URL=$(SIMULATED)/payhost/process.trans DCX_UNATTENDED_CARDS=on) # pragma: allowlist secret
.DEFAULT_GOAL := help
.PHONY: help setup run sso-demo test test-long check bench browser

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

$(VENV)/.run: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "DCX needs Python 3.11 or newer."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.run ## Install what running needs: Python packages and front-end files
	@$(BIN)/python static/fetch.py

DEMO := DCX_DEMO=on DCX_PROVIDER_ADDRESS="$${DCX_PROVIDER_ADDRESS:-1 Jan Smuts Avenue; Johannesburg; 2196}" DCX_PROVIDER_VAT_NUMBER="$${DCX_PROVIDER_VAT_NUMBER:-4999999999}" DCX_BANK_DETAILS="$${DCX_BANK_DETAILS:-Demo Bank; Highveld Cloud (Pty) Ltd; Account 62000000001; Branch 250001}"

run: setup ## Migrate, load the demo provider once, and serve it on http://127.0.0.1:$(PORT)
	@mkdir -p instance
	@$(FLASK) db upgrade
	@$(DEMO) $(FLASK) demo
	@echo "DCX is at http://127.0.0.1:$(PORT) (Ctrl+C ends it)"
	@[ -n "$(DCX_PAYGATE_ID)" ] || echo "Payments are simulated at $(SIMULATED): no money moves"
	@$(SIMULATOR) $(DEMO) PORT=$(PORT) DCX_PUBLIC_URL="$${DCX_PUBLIC_URL:-http://127.0.0.1:$(PORT)}" $(BIN)/gunicorn --log-level warning app:app

sso-demo: $(VENV)/.dev setup ## The same with a provider of single sign-on beside it, to try signing in and out
	@[ -d node_modules/oidc-provider ] || $(BIN)/python static/fetch.py --modules
	@PORT=$(PORT) $(BIN)/python -m tests.support.provider

browser:
	@command -v chromium >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || echo "Chromium is missing and cannot be installed here: the browser tests will say so."

test: $(VENV)/.dev setup browser ## Run every test at counts that fit 15 minutes
	@[ -f node_modules/axe-core/axe.min.js ] && [ -d node_modules/oidc-provider ] || $(BIN)/python static/fetch.py --modules
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

test-long: ## Run every test at its full counts
	DCX_TEST_COUNTS=long $(MAKE) test

check: $(VENV)/.dev ## Lint, types, contracts between rooms, templates, migrations, security; no tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	@folder=$$(mktemp -d) && export DCX_DATABASE_URL=sqlite:///$$folder/main.db DCX_BRONZE_URL=sqlite:///$$folder/bronze.db && $(FLASK) db upgrade && $(FLASK) db check; status=$$?; rm -r $$folder; exit $$status
	$(BIN)/bandit --quiet --recursive --severity-level high dcx app.py
	@git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --baseline .secrets.baseline

bench: $(VENV)/.dev setup ## Measure the claims of speed and print the table
	$(BIN)/python -m benchmarks
