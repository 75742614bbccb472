#!/usr/bin/env bash
# The pipeline against a real server: `transformers serve` on this machine, with the model in a folder.
# Usage: serve-check.sh MODEL GSM8K [PROBLEMS] [SAMPLES] [ROLLOUTS]. Called by `just serve-check`.
# Installs torch and transformers[serving] into .venv (another folder: EIGHTFOLD_VENV) if they are not there, and
# leaves every file of the run under target/serve-check.
set -euo pipefail
model=$(cd "${1:?a folder with a model}" && pwd)
gsm8k=$(realpath "${2:?a file of GSM8K problems}")
problems=${3:-4} samples=${4:-3} rollouts=${5:-2}
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
venv=${EIGHTFOLD_VENV:-$PWD/.venv}
port=${EIGHTFOLD_PORT:-8123}
eightfold=$PWD/target/release/eightfold
out=$PWD/target/serve-check
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} HF_HUB_OFFLINE=1

if [[ ! -x $venv/bin/transformers ]] || ! "$venv/bin/python" -c 'import fastapi, uvicorn, openai' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q torch "transformers[serving]"
fi
if [[ -z ${EIGHTFOLD_BIN:-} ]]; then
    cargo build --release --locked -p eightfold-cli
else
    eightfold=$(realpath "$EIGHTFOLD_BIN")
fi
mkdir -p "$out"
cd "$out"

nice -n 15 "$venv/bin/transformers" serve --host 127.0.0.1 --port "$port" --device cpu "$model" >server.log 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
until curl -sf "http://127.0.0.1:$port/health" >/dev/null; do
    kill -0 "$server" || { tail server.log >&2; exit 1; }
    sleep 1
done

# Two worked examples of our own, and a prompt that a text model continues.
cat >shots.jsonl <<'SHOTS'
{"question": "Mia has 3 apples. She buys 4 more and eats 2. How many apples does she have?", "solution": "She has 3 + 4 = 7 apples.\nAfter eating, 7 - 2 = 5 are left.\n#### 5"}
{"question": "A pen costs $2. How much do 6 pens cost?", "solution": "6 pens cost 6 * 2 = 12 dollars.\n#### 12"}
SHOTS
cat >prompt.jinja <<'PROMPT'
{% for shot in shots %}Question: {{ shot.question }}
Answer:
{{ shot.solution }}

{% endfor %}Question: {{ question }}
Answer:
PROMPT

# This server takes the likeliest token whatever `temperature` says, unless it is told to sample, and then it has to
# be told where a text ends.
eos=$("$venv/bin/python" -c "
import json, sys
print(json.load(open(sys.argv[1] + '/config.json'))['eos_token_id'])" "$model")
sampling="generation_config=\"{\\\"do_sample\\\": true, \\\"eos_token_id\\\": $eos, \\\"pad_token_id\\\": $eos}\""
# One request at a time: its seed is global to the process.
server_options=(--server "http://127.0.0.1:$port" --model "$model" --temperature 0.7 --max-tokens 64
    --stop '\n\n' --body "$sampling" --concurrency 1)

run() {
    echo "\$ eightfold $1 ..." >&2
    time "$eightfold" "$@"
}
# The shortest problems, since the model is small.
run problems "$gsm8k" --from gsm8k --without-notes >all.jsonl
"$venv/bin/python" - all.jsonl "$problems" >problems.jsonl <<'PICK'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
rows.sort(key=lambda row: len(row["question"]) + len(row["solution"]))
for row in rows[: int(sys.argv[2])]:
    print(json.dumps(row))
PICK
run sample problems.jsonl --n "$samples" --prompt prompt.jinja --shots shots.jsonl "${server_options[@]}" >samples.jsonl
run value samples.jsonl --draws "$rollouts" --until-pit "${server_options[@]}" >valued.jsonl
run pairs valued.jsonl >pairs.jsonl
# A small model may never be right: with the solutions that came with the problems there are pairs all the same.
run pairs valued.jsonl --rule full-solution-vs-pit --known problems.jsonl >known.jsonl
cat pairs.jsonl known.jsonl | run export --to trl-preference >trl.jsonl
wc -l problems.jsonl samples.jsonl valued.jsonl pairs.jsonl known.jsonl trl.jsonl
