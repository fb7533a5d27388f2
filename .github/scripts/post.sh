#!/usr/bin/env bash
# Puts the summary that stack.sh has left where people see it, in place of what an earlier run put there:
#   post.sh comment <stack>   the one comment about this stack in the pull request PULL_REQUEST
#   post.sh issue <stack>     the one open issue about this stack's drift
set -euo pipefail

kind=$1 stack=$2
summary=$RUNNER_TEMP/summary-$stack.md
repo=repos/$GITHUB_REPOSITORY
log="[Log]($GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID)"
marker="<!-- mlflow-aws $stack -->"

case $kind in
  comment)
    list="$repo/issues/$PULL_REQUEST/comments?per_page=100" post=$repo/issues/$PULL_REQUEST/comments
    edit=$repo/issues/comments key=id new=()
    ;;
  issue)
    list="$repo/issues?state=open&creator=github-actions%5Bbot%5D&per_page=100" post=$repo/issues
    edit=$repo/issues key=number new=(--raw-field "title=Drift of $stack")
    ;;
  *)
    echo "unknown: $kind" >&2
    exit 1
    ;;
esac

# GitHub takes 65,536 characters.
text="$marker
**$stack**: the run ended before it had a summary."
if [ -s "$summary" ]; then
  text=$(<"$summary")
fi
if [ ${#text} -gt 60000 ]; then
  text="${text:0:60000}

… cut off here; the whole is in the job's summary."
fi
body=$(mktemp)
trap 'rm -f "$body"' EXIT
printf '%s\n\n%s\n' "$text" "$log" >"$body"

# Only what this workflow has written: anybody can write a marker.
# shellcheck disable=SC2016 # the variables are jq's
mine='.[] | select(.user.login == "github-actions[bot]" and (.body // "" | startswith($marker))) | .[$key]'
found=$(gh api --paginate "$list" | jq -r --arg marker "$marker" --arg key "$key" "$mine")
found=${found%%$'\n'*}

if [ -n "$found" ]; then
  gh api --method PATCH "$edit/$found" --field "body=@$body" --silent
else
  gh api --method POST "$post" "${new[@]}" --field "body=@$body" --silent
fi
