# Connect Portal. `make run` brings up the whole site, `make test` runs every test.
# Needs: Python >= 3.11 with venv, and make. Everything else is installed into .venv.

PYTHON ?= python3
DATA_DIR ?= .data
ARGS ?=

BIN := .venv/bin
UV_PYTHON_DOWNLOADS := never
PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PYTHON_DOWNLOADS PIP_DISABLE_PIP_VERSION_CHECK

# What a real installation sets; `check --deploy` is judged under these.
PRODUCTION := PUBLIC_URL=https://portal.example.com TRUSTED_PROXIES=1 EMAIL_URL=smtp://localhost:25

.PHONY: help run test bench check fmt lock clean
.DEFAULT_GOAL := help

help: ## Show this
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "make %-6s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/installed ## Start the whole site; Ctrl-C stops it, the data stays in .data
	@exec $(BIN)/python manage.py up

test: .venv/installed ## Run every test (ARGS="tests/kit -x" for some)
	@exec $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

bench: .venv/installed ## Run the races, or some (ARGS="engine push"); prints JSON lines
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

check: .venv/installed ## Lint, layers, types, templates, migrations, production settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tests.services $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python -m tests.services \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

fmt: .venv/installed ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/installed ## Compile requirements.lock from pyproject.toml (ARGS=--upgrade for newer)
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --quiet $(ARGS) -o requirements.lock

clean: ## Forget all data of this checkout
	@if command -v flock >/dev/null && [ -e "$(DATA_DIR)/lock" ] \
		&& ! flock --nonblock "$(DATA_DIR)/lock" true; \
		then echo "The site is running on $(DATA_DIR): stop it first." >&2; exit 1; fi
	rm -rf "$(DATA_DIR)"

# All it prints goes to stderr, so that `make bench` prints nothing but JSON.
.venv/installed: requirements.lock
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) was not found: install Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed: name one with make PYTHON=... " >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv is missing: install it (Debian: apt-get install python3-venv)." >&2; \
		exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
		echo "Making .venv ..." >&2; $(PYTHON) -m venv --clear .venv >&2; }
	@echo "Installing the packages of requirements.lock into .venv ..." >&2
	@$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv >&2 || true
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.lock >&2 \
		|| $(BIN)/python -m pip install --require-hashes -r requirements.lock >&2
	@touch $@
