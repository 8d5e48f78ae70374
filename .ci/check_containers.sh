#!/usr/bin/env bash
# What Docker Compose, hadolint, ShellCheck and Caddy say of docker/, and ShellCheck of every script.
set -euo pipefail
export PATH="$PWD/.venv/bin:$PATH"

hadolint docker/Dockerfile
grep --recursive --files-with-matches --null --line-regexp '#!/usr/bin/env bash' .ci docker | xargs --null shellcheck

compose() { docker-compose --file docker/compose.yaml --env-file docker/.env.example "$@"; }
if compose config --quiet 2>/dev/null; then
  echo "docker/compose.yaml is content with an .env that has no secrets." >&2
  exit 1
fi
mapfile -t required < <(sed -n 's/^\([A-Z0-9_]*\)=$/\1/p' docker/.env.example)
for name in "${required[@]}"; do export "$name=chosen"; done
for profile in '' proxy valkey '*'; do compose --profile "$profile" config --quiet; done

UI_PASSWORD_HASH=$(caddy hash-password --bcrypt-cost 4 --plaintext chosen)
export UI_PASSWORD_HASH
caddy validate --config docker/Caddyfile --adapter caddyfile 2>&1 | { grep --invert-match '"level":"info"' || true; }
caddy fmt --diff docker/Caddyfile >/dev/null
