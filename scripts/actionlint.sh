#!/usr/bin/env bash
# actionlint.sh <folder>: builds the checker of the GitHub workflows there. Needs Go.
set -euo pipefail

mkdir -p "$1"
GOBIN=$(cd "$1" && pwd) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
