# Every target sets up what it needs: .venv from pinned, hashed requirements. Needs Python 3.11 or newer and make.
PYTHON ?= python3
DATE ?= 2020-11-11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help digest test coverage preview bench faults fuzz lowest check format golden picture docs caniemail pins clean

help:  ## Say what can be made.
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/'

digest: .venv/.installed  ## Build the sample issue and say what is in it (DATE=2020-11-11).
	@$(BIN)/digest build --date $(DATE)

preview: digest  ## Build the sample issue and show it in a browser.
	@$(BIN)/digest preview --date $(DATE) --open

test: .venv/.installed-dev  ## Run all tests.
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

coverage: .venv/.installed-dev  ## Run all tests and say which lines none of them runs (a quarter slower).
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term-missing:skip-covered $(ARGS)

faults: .venv/.installed-dev  ## Let every call of each command that changes a file fail in every way (half an hour).
	@$(BIN)/python -m pytest -q -n auto tests/test_disk.py tests/test_mail_crash.py tests/test_mail_postfix.py tests/test_mail_claims.py tests/test_mail_claims_s3.py --faults all --kills 50 $(ARGS)

fuzz: .venv/.installed-dev  ## Make a hundred thousand damaged inputs (ARGS=--cases=1000000 for more).
	@LONG_FORM=1 $(BIN)/python -m pytest -q -n auto tests/test_fuzz.py tests/test_checks.py tests/test_palette.py --cases 100000 $(ARGS)

check: .venv/.installed-dev  ## Check style and types.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

lowest: .venv/.installed-dev  ## Build the sample issue with the lowest versions that pyproject.toml allows.
	@rm -rf build/lowest && mkdir -p build/lowest/sample
	@$(BIN)/uv venv --quiet --python $(BIN)/python build/lowest/venv
	@$(BIN)/uv pip install --quiet --python build/lowest/venv/bin/python --resolution lowest-direct .
	@cd build/lowest/sample && ../venv/bin/digest init --demo >/dev/null
	@cd build/lowest/sample && ../venv/bin/digest build --date $(DATE) --quiet && ../venv/bin/digest check $(DATE)

bench: .venv/.installed-dev digest  ## Time it, in pairs against Python's own start and the peers that are here.
	@$(BIN)/python benchmarks/bench.py $(ARGS)
	@$(BIN)/python benchmarks/send.py
	@$(BIN)/python benchmarks/shapes.py

format: .venv/.installed-dev  ## Format the code.
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

golden: .venv/.installed-dev  ## Write the golden issues anew (ARGS=--force to overwrite them).
	@$(BIN)/python tests/golden.py $(ARGS)

picture: .venv/.installed-dev digest  ## Draw the pictures of README and docs; needs Chromium.
	@$(BIN)/python docs/picture.py out/$(DATE) seeds docs/sample-issue.png
	@$(BIN)/digest build --quiet --config docs/own-words/digest.yaml --date $(DATE)
	@$(BIN)/python docs/picture.py out/own-words/$(DATE) seeds docs/own-words.png --long
	@$(BIN)/python docs/preview_picture.py $(DATE) seeds docs

docs: .venv/.installed-dev  ## Write the documentation as a site, to build/docs.
	@$(BIN)/python docs/commands.py
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

caniemail: .venv/.installed-dev  ## Refresh what mail clients support; needs npm.
	@rm -rf .caniemail && mkdir .caniemail && echo '{"private":true}' >.caniemail/package.json
	@npm install --silent --no-audit --no-fund --ignore-scripts --prefix .caniemail caniemail
	@$(BIN)/python docs/client_support.py .caniemail digest/checks/caniemail.json
	@rm -rf .caniemail

pins: .venv/.installed-dev  ## Pin the newest versions of all requirements.
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-strip-extras --no-header --no-emit-index-url \
	  --python-version 3.11 --group dev pyproject.toml -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header --no-emit-index-url \
	  --python-version 3.11 --group build --constraints requirements-dev.txt pyproject.toml -o requirements.txt

clean:  ## Remove what was built and installed.
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* dist
	find out -mindepth 1 -not -name .gitkeep -delete

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=...")'
	@$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt pyproject.toml | .venv/bin/python
	@echo "setting up .venv (once)"
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@$(PIP) install -r requirements-dev.txt
	@touch $@
