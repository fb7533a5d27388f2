#!/usr/bin/env bash
# actionlint.sh <folder>: builds the checker of the GitHub workflows there. Needs Go.
set -euo pipefail

GOBIN=$1 go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
