#!/usr/bin/env bash
# Tries submit.sh on a running Slurm: the smoke preset of figure 7 as three tasks, one of which is requeued
# while it runs. The table must equal that of an undisturbed run, but for seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v sbatch >/dev/null || { echo "there is no Slurm here (sbatch)" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags=(--preset smoke --seeds 6)
# Every column but the seconds (17).
table() { cut -d, -f1-16,18 "$1/out/fig7/fig7.csv" | sort; }

said=$(experiments/slurm/submit.sh fig7 "${flags[@]}" --cache "$folder/array" --out "$folder/array/out" --parts 3 --cpus 1 "$@")
echo "$said"
[[ $said =~ cells\ ([0-9]+),\ drawing\ ([0-9]+) ]]
array=${BASH_REMATCH[1]} draw=${BASH_REMATCH[2]}
until [[ $(find "$folder/array/records" -name '*.json' 2>/dev/null | wc -l) -ge 5 ]]; do sleep 0.2; done
before=$(find "$folder/array/records" -name '*.json' | wc -l)
for task in $(squeue --noheader --array --states=RUNNING --job "$array" --format=%i | head -1); do
    echo "requeueing task $task after $before records"
    scontrol requeue "$task"
done
while squeue --noheader --job "$array,$draw" 2>/dev/null | grep -q .; do
    squeue --noheader --job "$array,$draw" --format='%i %j %T' | tr '\n' ';'; echo
    sleep 5
done
[[ -f $folder/array/out/fig7/fig7.csv ]] || { echo "nothing was drawn" >&2; tail -n 20 .eightfold/slurm/fig7-*.log >&2; exit 1; }

target/release/fig7 "${flags[@]}" --cache "$folder/alone" --out "$folder/alone/out" 2>/dev/null >/dev/null
diff <(table "$folder/array") <(table "$folder/alone")
echo "equal: $(table "$folder/alone" | tail -n +2 | wc -l) cells, in an array with a requeued task and undisturbed"
