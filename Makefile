# Everything sets itself up: a virtual environment in .venv with the versions of requirements.lock.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

ATHERIS := build/atheris
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600
BENCH := build/bench
OPTIONS ?=

.PHONY: demo test quick servers lint types bench fuzz soak pictures reference lock clean
.DELETE_ON_ERROR:

demo: $(READY)  ## simulate a run, process it, verify its folder
	rm -rf demo && mkdir demo
	$(BIN)/runfolio simulate --run-number 4235 --spills 200 --seed 1 --output demo/spills.json
	$(BIN)/runfolio run demo/spills.json --image-directory demo/live --end-of-run-image-directory demo/end_of_run
	$(BIN)/runfolio verify demo/end_of_run/4235
	$(BIN)/runfolio show demo/end_of_run/4235
	@echo "Look at demo/end_of_run/4235, for instance imagetof_time_tof0-tof1.png."

test: servers lint types  ## all that CI runs
	$(BIN)/pytest -n 2

quick: servers lint types  ## the inner loop: without the tests that run the program, the hostile corpus, and those of the simulator
	$(BIN)/pytest -n 2 -q --ignore tests/system --ignore tests/faults --ignore tests/hostile --ignore-glob 'tests/mice/test_simulate*' --hypothesis-profile quick

servers:  ## what tests deliver to, from Debian packages: only as root, and only what is missing
	@tests/servers/install.sh

soak: $(READY)  ## ten minutes of short runs while things go wrong; its figures go into docs/reliability.md
	PYTHONPATH=tests $(BIN)/python -m soak --seconds $(SOAK_SECONDS) --write docs/reliability.md

bench: $(BENCH)/.ready  ## a quarter of an hour: how fast it is beside others; the figures go into docs/benchmarks.md
	$(BENCH)/venv/bin/python -m benchmarks --write docs/benchmarks.md $(OPTIONS)

$(BENCH)/.ready: requirements-bench.lock pyproject.toml
	$(PYTHON) -m venv $(BENCH)/venv
	$(BENCH)/venv/bin/pip install --quiet --require-hashes --requirement requirements-bench.lock
	$(BENCH)/venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "runfolio needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

fuzz: $(READY) $(ATHERIS)/.ready  ## look for input that breaks a promise, FUZZ_SECONDS for each of the readers
	PYTHONPATH=tests:$(ATHERIS) $(BIN)/python -m fuzz.campaign $(FUZZ_SECONDS)

$(ATHERIS)/.ready: requirements-fuzz.lock $(READY)
	$(BIN)/pip install --quiet --require-hashes --no-deps --upgrade --target $(ATHERIS) --requirement requirements-fuzz.lock
	@touch $@

pictures: $(READY)  ## make the README's picture anew
	$(BIN)/python docs/pictures/make.py

reference: $(READY)  ## make the API reference from docstrings, in build/reference
	$(BIN)/python -W error docs/reference.py build/reference

lock:  ## choose versions anew (needs pip-tools)
	pip-compile --quiet --strip-extras --extra dev --extra arrow --extra notebook --extra sftp --extra xrootd --extra s3 --extra dav --generate-hashes --allow-unsafe --no-emit-index-url \
	  --no-emit-find-links --no-emit-options --no-header --output-file requirements.lock pyproject.toml
	pip-compile --quiet --strip-extras --extra bench --extra arrow --extra notebook --constraint requirements.lock \
	  --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-options --no-header --no-annotate \
	  --output-file requirements-bench.lock pyproject.toml
	echo atheris | pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-emit-options --no-header --no-annotate --output-file requirements-fuzz.lock -

clean:
	rm -rf $(VENV) demo build .mypy_cache .ruff_cache .pytest_cache .hypothesis
