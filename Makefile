# `make run` and `make test` need Python 3.11 or later, git and make; everything else they bring themselves.
.DEFAULT_GOAL := help
.PHONY: help run docs quick test cluster-test full check format demo simulate fuzz bench bench-check scan opinions live node-clients requirements hooks clean python

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PIP_TOOLS := pip-tools==7.6.2
TOOLS := var/pip-tools
SCANNERS := bandit==1.9.4 pip-audit==2.10.1
SCANNERS_IN := var/scanners
BENCH_IN := var/bench
COMPILE := CUSTOM_COMPILE_COMMAND="make requirements" $(TOOLS)/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --resolver backtracking
NODE_CLIENTS := tests/providers/node/node_modules/.package-lock.json
PORT ?= 8000

help: ## what there is
	@echo "make run    start the service with its simulator, a worker and a demo shop; prints the address to open"
	@echo "make docs   the guide for partners as a site, in var/site/docs: the service serves it at /docs/"
	@echo "make demo   a gift, told on the terminal: each request and what comes back"
	@echo "make quick  after every save: the quick tests on SQLite"
	@echo "make test   checks and tests, on SQLite and on PostgreSQL"
	@echo "make cluster-test  the suite on a PostgreSQL whose tables are spread by partner, as a cluster's are; before it"
	@echo "                two PostgreSQL servers and PgBouncer from Debian's packages, reads at the replica, a fail-over: docs/scale.md"
	@echo "make full   every test there is, and the simulations"
	@echo "make check  style, types, imports, migrations, deployment settings; part of make test"
	@echo "make scan   bandit over the code, pip-audit over the packages that are pinned; part of make full"
	@echo "make format put the code into the one style"
	@echo "make hooks  let git run the checks of .pre-commit-config.yaml before each commit (needs pre-commit)"
	@echo "make requirements  write requirements.txt, requirements-dev.txt and requirements-bench.txt, with hashes, from the .in files"
	@echo "                (UPGRADE=--upgrade for newer versions of everything, UPGRADE='--upgrade-package django' for one)"
	@echo "make simulate   10,000 seeded histories of everything that can happen to money, 3,000 more on PostgreSQL and through each adapter"
	@echo "                and with each of permissions, pledges and certificates, then 200 kills of the running service on each database"
	@echo "                (HISTORIES=... ADAPTER_HISTORIES=... KILLS=... for other numbers)"
	@echo "make fuzz   whatever reads what comes from outside, each with random and mangled inputs for a minute (SECONDS=...);"
	@echo "            part of make full"
	@echo "make bench  how fast it is beside small services of other frameworks, pgbench and itself, on both databases, as a table"
	@echo "                and as docs/benchmarks.md: an hour on a machine with nothing else to do (QUICK=1: some minutes, no page)"
	@echo "make bench-check  whether the last make bench met the targets"
	@echo "make live   what the providers' own test environments prove with your test keys, as a table"
	@echo "make opinions  other people's clients for Node.js against our fakes of their providers (needs Node.js and npm);"
	@echo "               once they are installed make test asks them too"
	@echo "make clean  remove the virtual environment and all local data"
	@echo
	@echo "make run PORT=8080 uses another port. PYTHON=/path/to/python3.11 uses another Python."

run: $(VENV)/docs.stamp
	@export SANDBOX=$${SANDBOX:-1}; exec $(BIN)/python manage.py run_demo --port $(PORT)

demo: $(VENV)/run.stamp
	@exec $(BIN)/python -m demo.story

docs: $(VENV)/docs.stamp ## the guide for partners as a site, which the service serves at /docs/

check: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.run_checks

format: $(VENV)/dev.stamp
	@$(BIN)/python -m ruff format --quiet . && $(BIN)/python -m ruff check --fix --quiet . && $(BIN)/python -m ruff format --quiet .

quick: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -n logical --dist worksteal --tier quick -q $(TESTS)

test: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.run_checks
	@$(BIN)/python -m tests.on_both_databases --tier test $(TESTS)

cluster-test: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -q -n 0 tests/cluster
	@$(BIN)/python -m tests.on_both_databases --partitioned --tier test $(TESTS)

full: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.run_checks
	@$(MAKE) --no-print-directory scan
	@$(BIN)/python -m tests.on_both_databases --tier full $(TESTS)
	@$(BIN)/python -m pytest -q -n auto --through-proxy tests/providers/paypal tests/providers/stripe tests/providers/google
	@$(MAKE) --no-print-directory fuzz
	@$(MAKE) --no-print-directory simulate

scan: $(VENV)/dev.stamp $(SCANNERS_IN)/stamp
	@$(BIN)/python -m tests.scan $(SCANNERS_IN)/bin

# In an environment of their own: what they need is nothing that the service or its tests should have. Without a network it is
# empty, and tests.scan says so.
$(SCANNERS_IN)/stamp: Makefile | python
	@$(PYTHON) -m venv $(SCANNERS_IN)
	@$(SCANNERS_IN)/bin/python -m pip install --quiet --disable-pip-version-check $(SCANNERS) && touch $@ || \
		echo "bandit and pip-audit could not be installed: a package index must be reachable the first time."

simulate: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.simulation.run --histories $(or $(HISTORIES),10000)
	@$(BIN)/python -m tests.simulation.run --histories $(or $(ADAPTER_HISTORIES),3000) --database postgresql
	@for provider in amazon google paypal stripe; do \
		$(BIN)/python -m tests.simulation.run --provider $$provider --histories $(or $(ADAPTER_HISTORIES),3000) || exit 1; done
	@for more in permissions pledges certificates; do \
		$(BIN)/python -m tests.simulation.run --with $$more --histories $(or $(ADAPTER_HISTORIES),3000) || exit 1; done
	@exec $(BIN)/python -m tests.crashes.storm --kills $(or $(KILLS),200)

bench: $(VENV)/dev.stamp $(BENCH_IN)/stamp
	@$(BIN)/python -m benchmarks.bench $(if $(QUICK),--quick) $(BENCH)

bench-check: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks.bench --check

# In an environment of their own, as the scanners are: other frameworks, and what draws the pictures.
$(BENCH_IN)/stamp: requirements-bench.txt | python
	@echo "Installing what the peers of the benchmark need ..."
	@$(PYTHON) -m venv $(BENCH_IN)
	@$(BENCH_IN)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

fuzz: $(VENV)/dev.stamp
	@exec $(BIN)/python -W ignore -m tests.fuzz.run --seconds $(or $(SECONDS),60)

live: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.live

opinions: $(VENV)/dev.stamp $(NODE_CLIENTS)
	@$(BIN)/python -m pytest tests/providers/amazon/test_official_client.py

node-clients: $(NODE_CLIENTS)

$(NODE_CLIENTS): tests/providers/node/package.json tests/providers/node/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed. On Debian and Ubuntu: apt-get install npm"; exit 1; }
	@echo "Installing other people's clients for Node.js ..."
	@cd tests/providers/node && npm ci --loglevel=error
	@touch $@

hooks: $(VENV)/dev.stamp
	@command -v pre-commit >/dev/null || { echo "pre-commit is needed, for example: pipx install pre-commit"; exit 1; }
	@pre-commit install

# With the oldest Python that is supported: what it needs, the newer ones accept.
requirements: $(TOOLS)/stamp
	@$(COMPILE) $(UPGRADE) --output-file requirements.txt requirements.in
	@$(COMPILE) $(UPGRADE) --output-file requirements-dev.txt requirements-dev.in
	@$(COMPILE) $(UPGRADE) --output-file requirements-bench.txt requirements-bench.in

$(TOOLS)/stamp: Makefile | python
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_TOOLS)
	@touch $@

clean: ## the virtual environment and all local data
	rm -rf $(VENV) var tests/providers/node/node_modules clients/javascript/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed, and none was found. Install it, or say where it is: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) --version). Say where a newer one is: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/bin/python: | python
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the service runs on ..."
	@$(PIP) --require-hashes -r requirements.txt || { echo "The packages in requirements.txt could not be installed; see above. A package index must be reachable the first time."; exit 1; }
	@touch $@

$(VENV)/docs.stamp: mkdocs.yml CHANGELOG.md docs/site.css $(wildcard docs/*.py docs/guide/*.md api/*.py api/openapi/*.py api/records/*.py) \
	xml_schemas/contributions.xsd contributions/event_types.py | $(VENV)/run.stamp
	@echo "Building the guide ..."
	@$(BIN)/python -m docs.build_site
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what the tests need ..."
	@$(PIP) --require-hashes -r requirements-dev.txt || { echo "The packages in requirements-dev.txt could not be installed; see above. A package index must be reachable the first time."; exit 1; }
	@touch $@ $(VENV)/run.stamp
