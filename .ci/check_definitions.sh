#!/usr/bin/env bash
# What Dagster and Alembic say of the project, in a home of its own.
set -euo pipefail
BOOKBYTES_HOME=$(mktemp -d)
trap 'rm -rf "$BOOKBYTES_HOME"' EXIT
export BOOKBYTES_HOME DAGSTER_HOME="$BOOKBYTES_HOME"
export APP_ENV=development DATABASE_URL= # whatever .env says: nobody's database is migrated by a check
cp dagster.yaml "$DAGSTER_HOME"
.venv/bin/dg check defs
.venv/bin/dg list defs >/dev/null
.venv/bin/alembic upgrade head
.venv/bin/alembic check
