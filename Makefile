# Five commands: make demo, make serve, make test, make check, make bench. Each sets up what it needs in .venv first.
# For releases: make image, make sbom, make licences.

PYTHON ?= python3
UV := .uv/bin/uv
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := .venv

MANIFESTS = $(filter-out %/dagster-values.yaml %/kustomization.yaml,$(wildcard docker/kubernetes/*.yaml))

# what waits most for other processes begins first, lest one worker is left with it
LONGEST = tests/production tests/api/test_jobs_running.py tests/cli/test_failures.py tests/processes

.PHONY: demo serve test check bench image sbom licences
.DEFAULT_GOAL := demo

demo: .venv/synced ## process the bundled sample book, offline and without keys
	.venv/bin/bookbytes demo

serve: .venv/synced ## the API and Dagster with its UI on this machine, until Ctrl-C
	exec .venv/bin/bookbytes serve

test: .venv/synced ## every claim, against real servers on loopback
	.venv/bin/pytest -n 3 --dist loadfile --no-loadscope-reorder $(LONGEST) tests

check: .venv/synced ## lint, types, contracts, definitions, containers, manifests, secrets, vulnerabilities, licences
	$(UV) lock --check
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	bash .ci/check_definitions.sh
	bash .ci/check_containers.sh
	.venv/bin/kubernetes-validate --strict --quiet $(MANIFESTS)
	bash .ci/secrets.sh
	bash .ci/audit.sh
	.venv/bin/python .ci/licences.py --check

bench: .venv/synced ## benchmarks, as ratios measured side by side
	.venv/bin/python -m benchmarks.book
	.venv/bin/python -m benchmarks.api

image: ## one image for every role, with Docker or buildah
	docker/build.sh

sbom: .venv/synced ## software bill of materials of the image: build/bookbytes.cdx.json
	mkdir -p build
	$(UV) export --locked --no-dev --extra kubernetes --format cyclonedx1.5 --preview-features sbom-export --quiet \
	  --output-file build/bookbytes.cdx.json

licences: .venv/synced ## update the list of licences: docs/reference/licences.md
	.venv/bin/python .ci/licences.py

.venv/synced: $(UV) pyproject.toml uv.lock
	@echo "Setting up .venv; the first time this downloads what is needed."
	$(UV) sync --locked --extra kubernetes --quiet
	touch $@

# only python3 is required: Debian's comes without pip and without ensurepip
$(UV): .ci/get_pip.py
	$(PYTHON) -m venv --without-pip .uv
	.uv/bin/python -m ensurepip >/dev/null 2>&1 || .uv/bin/python .ci/get_pip.py
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@
