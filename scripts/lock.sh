#!/bin/bash
# Writes the lock files: every package, also those that others need, with the hashes of its wheels. One lock serves Linux on
# both architectures, macOS and every Python from 3.10.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
uv=${UV:-.sandbox/host/opt/mlflow/uv/bin/uv}
[ -x "$uv" ] || {
  echo "lock: $uv is missing; run npm start -- --once first, or set UV to the path of uv" >&2
  exit 1
}
for requirements in host/requirements host/uv sandbox/emulator sandbox/client sandbox/linter sandbox/legacy; do
  "$uv" pip compile --quiet --universal --python-version 3.10 --generate-hashes --only-binary :all: \
    --no-header --no-annotate --no-emit-index-url --output-file "$requirements.lock" "$requirements.in"
  echo "$requirements.lock"
done
