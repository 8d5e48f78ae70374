#!/usr/bin/env bash
# Whether a file that git has, or would have with `git add .`, holds something that looks like a key: exit 1 if so. What
# was found is not printed, only where. A line that has to look like that ends with `betterleaks:allow` and a reason.
set -euo pipefail
cd "$(dirname "$0")/.."
betterleaks=$PWD/.venv/bin/betterleaks
rules=$PWD/.ci/betterleaks.toml
# a copy, because it takes as long for each file that it is named as for a whole folder
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard --deduplicate \
    | while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done \
    | tar -c --null -T - \
    | tar -x -C "$copy"
cd "$copy"
"$betterleaks" filesystem . --config "$rules" --no-banner --redact --log-level warn
