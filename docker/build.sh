#!/usr/bin/env bash
# Build the image, as bookbytes:VERSION and bookbytes:latest, with Docker where an engine answers, else with buildah.
# IMAGE sets another name; arguments are passed to the builder, for example --no-cache.
set -euo pipefail
cd "$(dirname "$0")/.."

image=${IMAGE:-bookbytes}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -n 1)
revision=$(git describe --always --abbrev=40 --exclude '*' --dirty 2>/dev/null || echo unknown)
uv_version=$(sed -n 's/^UV_VERSION := //p' Makefile)

build() {
  "$@" --file docker/Dockerfile --tag "$image:$version" --tag "$image:latest" \
    --build-arg VERSION="$version" --build-arg REVISION="$revision" --build-arg UV_VERSION="$uv_version" \
    "${arguments[@]}" .
}

arguments=("$@")
if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
  build docker build
elif command -v buildah >/dev/null; then
  build buildah build --format docker --layers
else
  echo "There is neither a Docker engine that answers nor buildah: install one of them." >&2
  exit 1
fi
