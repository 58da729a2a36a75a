PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys,ensurepip; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && echo $$p && break; done)
PY = .venv/bin/python
install = { $(PY) -m pip install -q uv==0.13.9 && .venv/bin/uv pip install -q --compile-bytecode --python $(PY) -c constraints.txt $(1); } || $(PY) -m pip install -q -c constraints.txt $(1)
export PIP_DISABLE_PIP_VERSION_CHECK=1
unexport PYTHONDONTWRITEBYTECODE  # else each process that starts compiles all it imports, for seconds

.PHONY: help demo test prove lint bench up clean constraints
help:  ## what can be made here
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: .venv/.runtime  ## a till, the books and everything between them, on this machine; ends with one line of JSON
	@.venv/bin/koppeling demo

test: .venv/.dev  ## every test, on real servers: those that answer on 127.0.0.1, else private ones
	@deploy/run-tests

prove: .venv/.dev  ## what takes hours: real receipts in every way, with faults and kills; a thousand random events
	@deploy/run-tests -m long

lint: .venv/.dev  ## format, lint, types, import rules
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: .venv/.dev  ## sales a second and calls a sale, as ratios within one run
	@deploy/run-bench

up: .venv/.runtime  ## all services in one process; says where to open the screens
	@.venv/bin/koppeling up

constraints: .venv/.dev  ## resolve the versions of all dependencies anew
	.venv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --no-annotate --no-header -q -o constraints.txt

clean:  ## remove what was installed and made
	rm -rf .venv .koppeling .test-servers

.venv/.python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with its venv module is needed; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv --clear .venv && touch $@
.venv/.runtime: .venv/.python pyproject.toml constraints.txt
	@echo "installing into .venv ..." >&2
	@$(call install,-e .) && touch $@
.venv/.dev: .venv/.runtime
	@$(call install,-e ".[dev]") && touch $@
