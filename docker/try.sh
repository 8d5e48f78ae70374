#!/usr/bin/env bash
# BookBytes in one container, to try it out: as on a laptop, without PostgreSQL, S3 or any secret to choose. Arguments
# are those of `bookbytes`; without any it serves. The rest of the image's environment is for production.
set -euo pipefail
# loopback, also with the host's network: whoever registers first is an administrator, and the Dagster UI has no login
export APP_ENV=development HOST=127.0.0.1 STORAGE_BACKEND=local TTS_PROVIDER="${TTS_PROVIDER:-espeak}"
unset DAGSTER_HOME DAGSTER_GRPC_HOST
[ $# -gt 0 ] || set -- serve
exec bookbytes "$@"
