# Everything is done in .venv of this checkout; nothing is written outside it.
PYTHON ?= python3
BIN := .venv/bin
# Two at a time, each file as a whole, in the order of tests/conftest.py.
BOTH := -n 2 --dist loadfile --no-loadscope-reorder
SETUP := PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 TMPDIR="$(CURDIR)/.venv/tmp"

.PHONY: run demo test check clean

run: .venv/.run
	"$(BIN)/python" -m monitor.cli run -c config/examples/quickstart.yaml --store var/upheld.db

demo: .venv/.run
	"$(BIN)/python" -m monitor.cli demo

test: .venv/.dev
	"$(BIN)/python" -m pytest $(BOTH) --ignore=tests/sla
	"$(BIN)/python" -m pytest $(BOTH) tests/sla --cov=monitor.sla --cov-branch --cov-report=term:skip-covered --cov-fail-under=90

check: .venv/.dev
	"$(BIN)/ruff" format --check .
	"$(BIN)/ruff" check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"

bench-%: .venv/.dev
	"$(BIN)/python" -m tests.bench.$*

campaign-%: .venv/.dev
	"$(BIN)/python" -m tests.campaign.$*

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "python3 has no venv module here; on Debian: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python pyproject.toml
	@mkdir -p .venv/tmp
	$(SETUP) "$(BIN)/python" -m pip install --quiet --editable .
	@touch "$@"

.venv/.dev: .venv/bin/python pyproject.toml
	@mkdir -p .venv/tmp
	$(SETUP) "$(BIN)/python" -m pip install --quiet --editable '.[dev]'
	@touch .venv/.run "$@"

clean:
	rm -rf .venv var
