#!/usr/bin/env bash
# Installs what tests use beside Node.js and Python, as .ci/run does; without it they would be skipped.
set -euo pipefail

# Tests start what they need themselves: the packages' own services stay down.
printf '#!/bin/sh\nexit 101\n' | sudo tee /usr/sbin/policy-rc.d >/dev/null
sudo chmod +x /usr/sbin/policy-rc.d
sudo apt-get update -qq
sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq jq openssh-server postgresql shellcheck xfsprogs

folder=$(mktemp -d)
scripts/actionlint.sh "$folder"
echo "$folder" >>"$GITHUB_PATH"
