#!/usr/bin/env bash
# What the program makes of the fixture of its own tests: tests/test_steps.py holds Python to it. $1 is the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
fixture=../../../cli/tests/pipeline
"$1" problems "$fixture/toy.jsonl" --from gsm8k --without-notes >problems.jsonl
"$1" verify "$fixture/samples.jsonl" --gold-key answer --pred-key completion |
    "$1" segment --by lines --text-key completion |
    "$1" value --rollouts "$fixture/rollouts.jsonl" >valued.jsonl
for rule in shared-prefix shared-prefix-step full-solution-vs-pit response highest-edit-distance rft chosen-only; do
    "$1" pairs --rule "$rule" --known problems.jsonl valued.jsonl >"$rule.jsonl"
done
"$1" fit runs.csv --x n --law saturating --group method --baseline sft --cluster seed --bootstrap 200 --json >fit.json
