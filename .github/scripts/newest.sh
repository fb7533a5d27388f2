#!/usr/bin/env bash
# Refuses to deploy a commit that the branch has left behind: a run that was approved late or started again would undo newer ones.
set -euo pipefail

newest=$(gh api "repos/$GITHUB_REPOSITORY/commits/heads/$GITHUB_REF_NAME" --jq .sha)
if [ "$newest" != "$GITHUB_SHA" ]; then
  echo "::error::$GITHUB_SHA is no longer the newest commit of $GITHUB_REF_NAME: the run of $newest deploys. To go back, revert."
  exit 3
fi
