# make lab         open JupyterLab on notebooks/explore.ipynb
# make check       run make lint and the tests without browser and notebooks: while you work, about a minute
# make test        run make lint, tests, doctests, browser: three to six minutes on two cores
# make test-slow   run what make test leaves out, as it takes longer: notebooks, other hosts, installed wheels, servers
# make test-peers  run the checks with Keras, PyTorch, JAX, ONNX, nnAudio, transformers and Kaldi's features, installed first
# make lint        run the checks that run no code of ours: ruff, mypy, import contracts, spelling; and lint-js
# make lint-js     check the JavaScript with Biome and tsc and run its unit tests; needs Node.js, and is required with CI set
# make coverage    run all tests, and list the lines and branches of specwidget/ that none reaches
# make mutants     change the code of the explorer's state in 2,200 places, and list the changes that no test notices
# make docs        build the documentation site in docs/_build/html, and check its links and pages
# make release-check  build the distributions, install the wheel into an empty environment of each Python that is found, try it
# make lock        write requirements.lock and requirements.hashes.lock anew, with the newest versions that fit together
# make clean       remove .venv, node_modules and everything the checks leave behind

# PYTHON is the interpreter that makes .venv: make test PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What is installed has the versions that the tests, and Binder, run with.
INSTALL := $(PIP) install --constraint requirements.lock
RUN := $(BIN)/python -m
PYTEST := pytest -n 2 --dist loadfile --no-loadscope-reorder
# The modules that `make mutants` changes.
MODULES := $(filter-out __init__,$(basename $(notdir $(wildcard specwidget/explorer/state/*.py))))
NOTEBOOKS := --nbval --nbval-current-env notebooks

.PHONY: help lab check test test-slow test-peers lint lint-js coverage docs release-check mutants lock clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

lab: $(VENV)/.lab
	@$(BIN)/specwidget lab

check: lint
	@echo "== pytest: tests, doctests"
	@HYPOTHESIS_PROFILE=check $(RUN) pytest -n 2 --dist worksteal -p no:nbval --ignore tests/browser -m 'not slow and not gpu' \
	    tests specwidget

test: lint
	@echo "== pytest: tests, doctests, browser"
	@$(RUN) $(PYTEST) -p no:nbval -m 'not slow and not gpu' tests specwidget

test-slow: $(VENV)/.dev
	@$(RUN) $(PYTEST) -m slow tests $(NOTEBOOKS)

test-peers: $(VENV)/.peers
	@KERAS_BACKEND=torch OMP_NUM_THREADS=1 SPECWIDGET_PEERS=all $(RUN) $(PYTEST) tests/frameworks tests/peers

coverage: $(VENV)/.dev
	@$(RUN) coverage erase
	@$(RUN) coverage run -m $(PYTEST) tests specwidget $(NOTEBOOKS)
	@$(RUN) coverage combine --quiet
	@$(RUN) coverage report

docs: $(VENV)/.docs
	@$(RUN) sphinx --quiet --fail-on-warning --keep-going docs docs/_build/html
	@$(RUN) pytest --quiet -p no:nbval -p no:cacheprovider docs/test_site.py
	@echo "docs/_build/html/index.html"

release-check: $(VENV)/.dev
	@$(RUN) tests.release_check

lint: $(VENV)/.dev lint-js
	@echo "== ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@echo "== mypy"
	@$(RUN) mypy --no-error-summary
	@echo "== import contracts"
	@$(BIN)/lint-imports --no-logo > $(VENV)/import-contracts.txt || { cat $(VENV)/import-contracts.txt; exit 1; }
	@echo "== spelling"
	@$(BIN)/codespell

lint-js:
	@echo "== JavaScript"
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory node_modules/.installed && npm run --silent check; \
	elif [ -n "$$CI" ]; then echo "npm is missing. On Debian and Ubuntu: sudo apt install nodejs npm"; exit 1; \
	else echo "skipped, as npm is missing"; fi

mutants: $(VENV)/.dev
	@$(INSTALL) --group mutants
	@for module in $(MODULES); do \
	    PYTEST_ADDOPTS="-k $$module" $(BIN)/mutmut run --max-children 2 "specwidget.explorer.state.$$module.*" || exit; done
	@$(BIN)/mutmut results

lock: | $(BIN)/python
	@$(PIP) install 'uv>=0.8'
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --group dev --group docs --no-annotate \
	    --custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --constraint requirements.lock --custom-compile-command 'make lock' --output-file requirements.hashes.lock \
	    pyproject.toml

clean:
	rm -rf $(VENV) node_modules build dist mutants docs/_build docs/pages .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache test-artifacts
	find specwidget tests notebooks -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "specwidget needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing)." \
	         "Name another one: make $(MAKECMDGOALS) PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	    echo "$(PYTHON) could not make $(VENV). On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }

$(VENV)/.lab: pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing specwidget and JupyterLab into $(VENV); the first time this takes a minute or two."
	@$(INSTALL) --editable .
	@touch $@

# A new environment has the pip of its Python, which may be too old for --group.
$(VENV)/.dev: pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing specwidget and its test tools into $(VENV); the first time this takes a minute or two."
	@$(INSTALL) pip
	@$(INSTALL) --group dev --editable .
	@touch $(VENV)/.lab $@

$(VENV)/.docs: $(VENV)/.dev
	@$(INSTALL) --group docs
	@touch $@

node_modules/.installed: package.json package-lock.json
	@npm ci --silent --no-audit --no-fund
	@touch $@

$(VENV)/.peers: $(VENV)/.dev
	@echo "Installing Keras, PyTorch, JAX, ONNX, nnAudio, transformers and kaldi-native-fbank into $(VENV)."
	@$(INSTALL) --group dev --group test-peers --editable '.[peers]'
	@touch $@
