#!/usr/bin/env bash
# Downloads the Pulumi engine that package.json pins, and puts it first on the PATH of the job's next steps: machines of GitHub may
# have another one.
set -euo pipefail

version=$(npx --no-install pulumi version)
bin=${PULUMI_HOME:-$HOME/.pulumi}/versions/${version#v}/bin
if [ ! -x "$bin/pulumi" ]; then
  echo "::error::pulumi $version is not in $bin, where its npm package puts it"
  exit 1
fi
echo "$bin" >>"$GITHUB_PATH"
echo "pulumi $version"
