#!/usr/bin/env bash
# Submits a figure to Slurm: a job array over its cells, then one job that draws. All tasks share the work tree's
# folders, so the tree must lie on a file system that every node sees.
set -euo pipefail
usage() {
    cat <<'U'
Usage: submit.sh FIGURE [--parts N] [--cpus N] [--dry-run] [-- SBATCH OPTIONS] [FLAGS OF THE FIGURE]

  --parts N    tasks of the array (default 8); each runs one part of the cells, and takes a cell over from no other
  --cpus N     cores of a task, and cells at a time in it (default 2)
  --dry-run    write the scripts, submit nothing

Examples:
  just slurm fig7 --preset full
  just slurm fig7 --preset full --parts 32 --cpus 4 -- --partition=cpu --time=3:00:00

A task that is killed or requeued loses the cells in flight and nothing else. What comes after `--` goes to sbatch.
U
}
[[ $# -gt 0 && $1 != -* ]] || { usage; [[ ${1:-} == --help || ${1:-} == -h ]]; exit; }
figure=$1; shift
parts=8 cpus=2 dry= flags=() sbatch=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --parts) parts=$2; shift 2 ;;
        --cpus) cpus=$2; shift 2 ;;
        --dry-run) dry=1; shift ;;
        --help|-h) usage; exit ;;
        --) shift; sbatch=("$@"); break ;;
        *) flags+=("$1"); shift ;;
    esac
done
[[ $parts =~ ^[1-9][0-9]*$ && $cpus =~ ^[1-9][0-9]*$ ]] || { echo "--parts and --cpus are numbers from 1" >&2; exit 2; }

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
cargo build --release --locked -p eightfold-experiments --bin "$figure"
program=${CARGO_TARGET_DIR:-$root/target}/release/$figure
# A flag that the program does not know, or a cell that cannot be, shows now and not on the nodes.
cells=$("$program" ${flags[@]+"${flags[@]}"} --list | wc -l)
(( parts <= cells )) || parts=$cells

folder=$root/.eightfold/slurm
mkdir -p "$folder"
quoted=$(printf ' %q' ${flags[@]+"${flags[@]}"})
# The programs of a submission are its own: a build that comes later does not change tasks that wait.
copy=$folder/$figure-$(date +%Y%m%d-%H%M%S)-$$
cp "$program" "$copy"
cat > "$copy.cells.sbatch" <<J
#!/bin/bash
#SBATCH --job-name=$figure
#SBATCH --array=1-$parts
#SBATCH --cpus-per-task=$cpus
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=$copy-%a.log
cd $(printf %q "$root")
exec $(printf %q "$copy")$quoted --jobs $cpus --cells "\$SLURM_ARRAY_TASK_ID/$parts"
J
cat > "$copy.draw.sbatch" <<J
#!/bin/bash
#SBATCH --job-name=$figure-draw
#SBATCH --cpus-per-task=1
#SBATCH --open-mode=append
#SBATCH --output=$copy-draw.log
cd $(printf %q "$root")
exec $(printf %q "$copy")$quoted --no-run
J
echo "$figure: $cells cells in $parts tasks of $cpus cores; scripts and logs begin with $copy"
[[ -z $dry ]] || exit 0
array=$(sbatch --parsable ${sbatch[@]+"${sbatch[@]}"} "$copy.cells.sbatch")
draw=$(sbatch --parsable ${sbatch[@]+"${sbatch[@]}"} --dependency="afterok:${array%%;*}" "$copy.draw.sbatch")
echo "submitted: cells ${array%%;*}, drawing ${draw%%;*}"
