# Five commands: make demo, make serve, make test, make check, make bench. Each sets up what it needs in .venv first.

PYTHON ?= python3
UV := .uv/bin/uv
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: demo serve test check bench
.DEFAULT_GOAL := demo

demo: .venv/synced ## make the bundled sample book, offline and without keys
	.venv/bin/bookbytes demo

serve: .venv/synced ## the API and Dagster with its UI on this machine, until Ctrl-C
	exec .venv/bin/bookbytes serve

test: .venv/synced ## every claim, against real servers on loopback
	.venv/bin/pytest -n 2 --dist loadfile

check: .venv/synced ## lint, types, import contracts, migrations, definitions
	$(UV) lock --check
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	bash .ci/check_definitions.sh

bench: .venv/synced ## how fast it is, as ratios measured side by side
	.venv/bin/python -m benchmarks.book
	.venv/bin/python -m benchmarks.api

.venv/synced: $(UV) pyproject.toml uv.lock
	@echo "Setting up .venv; the first time this downloads what is needed."
	$(UV) sync --locked --quiet
	touch $@

# python3 alone has to do: Debian's comes without pip and without the means to install it
$(UV): .ci/get_pip.py
	$(PYTHON) -m venv --without-pip .uv
	.uv/bin/python -m ensurepip >/dev/null 2>&1 || .uv/bin/python .ci/get_pip.py
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@
