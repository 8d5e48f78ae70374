#!/usr/bin/env bash
# The browser of the tests of pages. Where nothing may be installed they are skipped, and say how to get it.
set -euo pipefail
if command -v chromium chromium-browser >/dev/null; then
  exit 0
fi
if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
  echo "There is no Chromium, and it cannot be installed here: the tests of pages will be skipped." >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null ||
  echo "Chromium could not be installed: the tests of pages will be skipped." >&2
