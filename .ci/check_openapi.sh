#!/usr/bin/env bash
# Whether the OpenAPI document that the application builds is valid, with either way to authenticate.
set -euo pipefail
BOOKBYTES_HOME=$(mktemp -d)
trap 'rm -rf "$BOOKBYTES_HOME"' EXIT
export BOOKBYTES_HOME APP_ENV=development DATABASE_URL='' API_KEY=made-up-for-this-check
for AUTH_MODE in jwt api_key; do
  export AUTH_MODE
  .venv/bin/litestar --app bookbytes_api.app:create_app schema openapi --output "$BOOKBYTES_HOME/$AUTH_MODE.json"
done
.venv/bin/openapi-spec-validator --validation-errors all "$BOOKBYTES_HOME"/{jwt,api_key}.json
