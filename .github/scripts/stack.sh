#!/usr/bin/env bash
# stack.sh <command> <stack>: runs `npm run stack`, adds its summary to the job's and ends with its exit code, which is also the
# step's output `code`. Start it with `exec`: GitHub tells only a step's first process that a run is cancelled.
set -uo pipefail

command=$1 stack=$2
summary=$RUNNER_TEMP/summary-$stack.md
rm -f "$summary"

npm run --silent stack -- "$command" "$stack" --summary "$summary" &
child=$!
# GitHub sends SIGINT, SIGTERM after 7.5 seconds, and kills after 2.5 more. The command hears of it once: told twice, it leaves at
# once, whatever its update is at.
trap 'trap "" INT TERM; kill -INT "$child"' INT TERM

# A signal ends `wait`, not the command.
wait "$child"
status=$?
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  status=$?
done

if [ -s "$summary" ]; then
  cat "$summary" >>"$GITHUB_STEP_SUMMARY"
else
  echo "\`npm run stack -- $command $stack\` ended with exit code $status, without a summary." >>"$GITHUB_STEP_SUMMARY"
fi
echo "code=$status" >>"$GITHUB_OUTPUT"
exit "$status"
