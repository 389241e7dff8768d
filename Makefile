# Two commands do all the set-up: `make demo` and `make test`. Each makes its own virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ON_POSTGRESQL = $(addprefix tests/,test_stories.py test_stories_of_*.py test_claims.py test_store*.py test_outbox.py \
	test_telling.py test_query*.py test_filing.py test_units.py test_retention.py test_fleet.py)
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --quiet

.PHONY: demo run test test-postgresql search mutants check lock sbom audit picture record indicators bench-path bench-size bench-plan bench-alerts bench-tui bench-fleet faults soak clean

demo: $(VENV)/run.ready  ## a simulated world in which things go wrong, and the console on it
	@$(BIN)/mediawatch demo $(ARGS)

run: $(VENV)/run.ready  ## the daemon on accounts.yaml, against the real platforms
	@$(BIN)/mediawatch run $(ARGS)

# Each worker takes a third of the tests in their order; who has done takes from what another has left: no long file ends
# alone. Three, for two cores: tests of processes, databases and refused logins wait a good deal.
test: $(VENV)/dev.ready  ## the whole suite
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

test-postgresql: $(VENV)/dev.ready  ## the stories and the store's tests once more, with every store on a PostgreSQL (minutes)
	@MEDIAWATCH_TEST_ENGINE=postgresql $(BIN)/python -m pytest -n 2 --dist worksteal --timeout 600 $(or $(ARGS),$(ON_POSTGRESQL))

search: $(VENV)/dev.ready  ## other examples than the suite's, many and at random, against less sight (minutes)
	@$(BIN)/python -m pytest -q --hypothesis-profile search tests/test_less_sight.py $(ARGS)

mutants: $(VENV)/dev.ready  ## plants bugs, one at a time, in a copy of the package, and shows that the tests find them (minutes)
	@$(BIN)/python -m tests.mutants $(ARGS)

check: $(VENV)/dev.ready  ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: $(VENV)/dev.ready  ## the lock files, from pyproject.toml
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -o requirements-dev.lock
	$(LOCK) --extra cluster -o requirements-cluster.lock

sbom: $(VENV)/dev.ready  ## sbom.json: what is shipped, from the lock file, as CycloneDX (asks the package index for the tool)
	$(BIN)/uv tool run --from 'cyclonedx-bom>=7,<8' cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json

audit: $(VENV)/dev.ready  ## known weaknesses of what is locked, asked of osv.dev (ARGS=--where-reachable)
	@$(BIN)/python -m tests.audit $(ARGS)

picture: $(VENV)/dev.ready  ## the README's pictures of the console
	@MEDIAWATCH_UPDATE=1 $(BIN)/python -m pytest tests/test_tui_pictures.py

record: $(VENV)/dev.ready  ## a draft of a fixture from a live answer: ARGS="--adapter … --address … --to …"
	@$(BIN)/python -m tests.record $(ARGS)

indicators: $(VENV)/dev.ready  ## docs/indicators.md, from the rulebooks and the adapters
	@$(BIN)/python -m tests.indicators_page

bench-path: $(VENV)/dev.ready  ## what one check costs, beside merely fetching the same bodies
	@$(BIN)/python -m tests.bench.path $(ARGS)

bench-size: $(VENV)/dev.ready  ## what a register of many accounts costs: import, start, memory, judging (minutes)
	@$(BIN)/python -m tests.bench.size $(ARGS)

bench-plan: $(VENV)/dev.ready  ## what the polling plan costs and how late it is, beside other plans (minutes)
	@$(BIN)/python -m tests.bench.plan $(ARGS)

bench-alerts: $(VENV)/dev.ready  ## 100,000 alerts at once, and kill -9 at every point of the path (minutes)
	@$(BIN)/python -m tests.bench.alerts $(ARGS)
	@MEDIAWATCH_KILL_STRIDE=1 $(BIN)/python -m pytest -q -k killed_at_any_point tests/test_stories_of_alerts.py

bench-tui: $(VENV)/dev.ready  ## the console over 10,000 and 100,000 accounts, beside a stock table (minutes)
	@$(BIN)/python -m tests.bench.console $(ARGS)

faults: $(VENV)/dev.ready  ## makes go wrong what can, and prints each goal beside what was seen (minutes; ARGS=--full: hours)
	@$(BIN)/python -m tests.bench.faults $(ARGS)

bench-fleet: $(VENV)/dev.ready  ## four workers on a PostgreSQL: leases a second, kill -9, restarts, a worker that comes back (minutes)
	@$(BIN)/python -W ignore -m tests.bench.fleet $(ARGS)

soak: $(VENV)/dev.ready  ## a month in an hour, on a store of five, with platforms that lie: memory, open files, the store's log (ARGS="--minutes 10")
	@$(BIN)/python -m tests.bench.soak $(ARGS)

clean:
	rm -rf $(VENV)

$(VENV)/python.ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "mediawatch needs Python 3.11 or newer; this is $$($(PYTHON) --version). Say: make PYTHON=python3.12 …" >&2; exit 2; }
	@echo "making $(VENV) (once)" >&2
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.ready: $(VENV)/python.ready requirements.lock pyproject.toml
	@echo "installing what mediawatch needs (once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/dev.ready: $(VENV)/run.ready requirements-dev.lock
	@echo "installing what the tests need (once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
