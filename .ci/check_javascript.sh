#!/usr/bin/env bash
# The types of the modules of the pages, by TypeScript's compiler, which is installed for this alone.
set -euo pipefail
cd "$(dirname "$0")/javascript"
export PATH="$PWD/../../.venv/bin:$PATH"
[[ node_modules/.package-lock.json -nt package-lock.json ]] || npm ci --silent --no-audit --no-fund
node_modules/.bin/tsc --project tsconfig.json
node_modules/.bin/tsc --project worker.tsconfig.json
