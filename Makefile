# One command for each thing a person wants. Each sets up what it needs on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
WORKERS ?= 4
NOTEBOOK ?= notebooks/01_first_look.ipynb
DASHBOARD := $(BIN)/python dashboard.py --server.port $(PORT)

.PHONY: help run demo collector dashboard notebook test check format bench clean

help:            ## show this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /make \1\t/' | expand -t 18

run: $(VENV)/.product  ## the collector and the dashboard, on services.toml, until Ctrl-C
	@$(BIN)/python -m collector --check-config > /dev/null
	@sh .ci/together "$(BIN)/python -m collector" "$(DASHBOARD)"

# The token opens nothing but simulations; with it the dashboard may act, as in earnest.
demo: $(VENV)/.product ## the same with simulated services and 30 days of history; no credentials, no network
	@exec env HEALTH_DB=data/demo.duckdb HEALTH_TOKEN="$${HEALTH_TOKEN:-token-of-the-demo-and-of-nothing-else}" \
	sh .ci/together "$(BIN)/python -m collector demo" "$(DASHBOARD)"

collector: $(VENV)/.product ## the collector alone
	@$(BIN)/python -m collector

dashboard: $(VENV)/.product ## the dashboard alone
	@$(DASHBOARD)

notebook: $(VENV)/.notebook ## Jupyter with the notebooks, on the demo's history or on yours
	@case "$$HEALTH_DB" in "" | /* | ducklake:*) ;; *) export HEALTH_DB="$(CURDIR)/$$HEALTH_DB" ;; esac; \
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" $(ARGS) $(NOTEBOOK)

# The files of tests are shared out among the workers, the longest first (tests/plugins/sharing_out.py); parameters
# must come in the same order in each. WORKERS=0 runs them one after the other, in this process.
test: $(VENV)/.tools ## all tests
	@PYTHONHASHSEED=0 $(BIN)/pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.tools ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.tools ## put the code in form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.tools ## measure what the README promises
	@$(BIN)/python -m bench $(ARGS)

clean:           ## remove the virtual environment and everything made by tools
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .hypothesis tests/artifacts

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.product: requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing what the product needs (about a minute, once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.tools: requirements-dev.txt requirements-scale.txt requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing what the product and its tests need (about two minutes, once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.product

# The folder of the project is put on the path of this environment, so that a notebook finds it in any Jupyter that uses it.
$(VENV)/.notebook: requirements-notebook.txt requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing Jupyter (about a minute, once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-notebook.txt
	@$(BIN)/python -c 'import pathlib, sysconfig; \
	  pathlib.Path(sysconfig.get_path("purelib"), "health.pth").write_text(str(pathlib.Path.cwd()) + "\n")'
	@touch $@ $(VENV)/.product
