#!/usr/bin/env bash
# Whether a locked package has a known vulnerability, as OSV (api.osv.dev) knows them: exit 1 if one has. Checks have to
# work without the internet, so a service that does not answer is told in one line and forgiven; a release is made with
# AUDIT=required, which does not forgive it. Arguments go to `uv audit`.
set -euo pipefail
cd "$(dirname "$0")/.."
told=$(mktemp)
trap 'rm -f "$told"' EXIT
export UV_HTTP_RETRIES=1 UV_HTTP_TIMEOUT=15

status=0
.uv/bin/uv audit --locked --preview-features audit-command "$@" 2>"$told" || status=$?
if [ "$status" -eq 2 ] && grep -qE 'error sending request for url|HTTP status server error' "$told"; then
    reason=$(grep -E '^(error|  cause):' "$told" | tail -1 | sed -E 's/^ *[a-z]+: //')
    echo "audit: nobody was asked for known vulnerabilities, the service does not answer ($reason)." >&2
    [ "${AUDIT:-}" != required ]
    exit
fi
cat "$told" >&2
exit "$status"
