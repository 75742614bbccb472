# Every command of the project. `just --list` shows them; README.md has the two that need no just.

# List the recipes.
default:
    @just --list --unsorted

# Redraw the figures that have full records; or run all ten: just figs --preset quick (or standard, full).
[group('figures')]
figs *args:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --release --locked -p eightfold-experiments --bins
    args=({{ args }})
    for figure in fig{1..10}; do
        if [ -n "{{ args }}" ]; then
            "${CARGO_TARGET_DIR:-target}/release/$figure" "${args[@]}"
        elif [ -d "paper-figures/$figure" ]; then
            "${CARGO_TARGET_DIR:-target}/release/$figure" --preset full --no-run
        fi
    done

# Figure 1: the pipeline with the counts of a run, and the main result.
[group('figures')]
fig1 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig1 -- {{ args }}

# Figure 2: scaling of SFT and RFT in two worlds, and copies of a fixed problem set.
[group('figures')]
fig2 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig2 -- {{ args }}

# Figure 3: one own solution a problem against one of the teacher's.
[group('figures')]
fig3 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig3 -- {{ args }}

# Figure 5: RFT with spurious steps, and with as many correct ones.
[group('figures')]
fig5 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig5 -- {{ args }}

# Figure 7: test error against data for every method, from the base checkpoint to the drawing.
[group('figures')]
fig7 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig7 -- {{ args }}

# Figure 4: likelihood of the teacher's and of self-generated solutions under the base.
[group('figures')]
fig4 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig4 -- {{ args }}

# Figure 6: a wrong solution step by step, and where pits fall.
[group('figures')]
fig6 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig6 -- {{ args }}

# Figure 8: Q of each step under the frozen SFT policy.
[group('figures')]
fig8 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig8 -- {{ args }}

# Figure 9: filtering and weighting by advantage.
[group('figures')]
fig9 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig9 -- {{ args }}

# Draw a figure anew whenever cells of it land, while another command runs them: just watch fig7 --preset full.
[group('figures')]
watch figure *args:
    cargo run --release --locked -p eightfold-experiments --bin {{ figure }} -- --watch {{ args }}

# Gather the claims of all figures into paper-figures/CLAIMS.md, corrected for their number; --preset quick too.
[group('figures')]
claims *args:
    cargo run --release --locked -p eightfold-experiments --bin claims -- {{ args }}

# Put figures, claims and what is behind them into one page, paper-figures/index.html; --preset quick too.
[group('figures')]
report *args:
    cargo run --release --locked -p eightfold-experiments --bin report -- {{ args }}

# One wrong solution: Q and advantage of each step, its pit and its pair (just explain fig7 --problem 17).
[group('figures')]
explain *args:
    cargo run --release --locked -p eightfold-experiments --bin explain -- {{ args }}

# Figure 10: star graphs, per-step DPO from under- and over-trained checkpoints.
[group('figures')]
fig10 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig10 -- {{ args }}

# Ablations: `just ablate` lists them, `just ablate pit-rule` runs and draws one.
[group('figures')]
ablate *args:
    cargo run --release --locked -p eightfold-experiments --bin ablate -- {{ args }}

# Figure 7 on problems and a model of yours: just fig7-on svamp --data DIR --model DIR; any figure takes --world.
[group('figures')]
fig7-on world *args:
    cargo run --release --locked -p eightfold-experiments --features models --bin fig7 -- --world {{ world }} {{ args }}

# Short for figure 7 on GSM8K: just gsm8k --model DIR --data DIR; --help says more.
[group('figures')]
gsm8k *args:
    cargo run --release --locked -p eightfold-experiments --features models --bin fig7 -- --world gsm8k {{ args }}

# First pits by rollouts beside ProcessBench's labels: just processbench --model DIR --data DIR --rows 40.
[group('figures')]
processbench *args:
    cargo run --release --locked -p eightfold-experiments --features models --bin processbench -- {{ args }}

# Prepare figure 10: `just star base`, `just star tune`.
[group('figures')]
star *args:
    cargo run --release --locked -p eightfold-experiments --bin star -- {{ args }}

# Train the base checkpoint of the lexicon world anew.
[group('figures')]
base *args:
    cargo run --release --locked -p eightfold-experiments --bin base -- {{ args }}

# Try settings of every method on validation problems; prints a table.
[group('figures')]
tune *args:
    cargo run --release --locked -p eightfold-experiments --bin tune -- {{ args }}

# Submit a figure to Slurm as a job array over its cells, as in `just slurm fig7 --preset full`; --help says more.
[group('figures')]
slurm *args:
    experiments/slurm/submit.sh {{ args }}

# Try `just slurm` on a running Slurm, with a requeued task; arguments after `--` go to sbatch.
[group('check')]
slurm-check *args:
    experiments/slurm/check.sh {{ args }}

# Remove cached checkpoints, rollouts and records of the quick and smoke presets.
[group('figures')]
clean-cache:
    rm -rf .eightfold

# Run every test; those that need outside data say `skipped` where EIGHTFOLD_DATA is not set.
[group('check')]
test:
    cargo test --workspace --locked --features models

# Package the data crates as for the registry, and publish nothing.
[group('check')]
publish-check:
    cargo publish --dry-run --locked -p eightfold-task -p eightfold-verifier -p eightfold-segment -p eightfold-advantage -p eightfold-exchange -p eightfold-scaling -p eightfold-synth

# Build the Python package and run its tests in an environment of its own (needs Python 3.10 or newer).
[group('check')]
python *args:
    crates/python/test.sh {{ args }}

# Test the Python package inside TRL, verl, OpenRLHF, lm-eval, lighteval and Inspect themselves (downloads gigabytes, takes 10 GB).
[group('check')]
python-hosts *args:
    crates/python/hosts.sh {{ args }}

# Run every test on other random cases: just test-anew [SEED]; a failure prints the seed to run again with.
[group('check')]
test-anew seed=`od -An -N4 -tu4 /dev/urandom | tr -d ' '`:
    PROPTEST_RNG_SEED={{ seed }} cargo test --workspace --locked --features models || { echo "seed {{ seed }}" >&2; exit 1; }

# Try every law of the losses and Theorem 6.1; prints cases tried and the largest deviation seen.
[group('check')]
theorem:
    cargo test --locked -p eightfold-tests --test theorem -- --ignored --nocapture print_table

# Run the tests that read outside data from DIR; a missing file is a failure.
[group('check')]
test-data DIR:
    EIGHTFOLD_DATA="{{ canonicalize(DIR) }}" cargo test --locked -p eightfold-task -p eightfold-verifier -p eightfold-tests -p eightfold-cli

# The pipeline against `transformers serve`: just serve-check MODEL_FOLDER GSM8K_FILE [PROBLEMS SAMPLES ROLLOUTS].
[group('check')]
serve-check MODEL GSM8K *args:
    crates/cli/tests/serve-check.sh "{{ MODEL }}" "{{ GSM8K }}" {{ args }}

# Say whether the code is formatted; `cargo fmt` formats it.
[group('check')]
fmt:
    cargo fmt --all --check

# Clippy on every target; a warning is a failure.
[group('check')]
lint:
    cargo clippy --workspace --all-targets --locked --features models -- -D warnings

# Build the documentation of our crates; a broken link is a failure.
[group('check')]
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# Check licenses, bans and sources of all dependencies (needs cargo-deny).
[group('check')]
deny:
    cargo deny --locked check licenses bans sources

# Type-check the LibTorch device (needs LibTorch 2.9, found by LIBTORCH or LIBTORCH_USE_PYTORCH=1).
[group('check')]
torch-check:
    cargo check --locked -p eightfold-gpt -p eightfold-models --features tch --target-dir target/tch

# Run the tests of gpt and models on LibTorch and print its rates (first makes target/tch-venv: 6.8 GB); CUDA: `just torch tch-cuda`.
[group('check')]
torch device="tch" *args:
    #!/usr/bin/env bash
    set -euo pipefail
    eval "$(benches/libtorch.sh)"
    EIGHTFOLD_DEVICE={{ device }} cargo test --release --locked -p eightfold-gpt -p eightfold-models --features tch --target-dir target/tch
    # Its own target folder: LibTorch changes what the default device is, and is linked into every binary.
    cargo run --release --locked -p eightfold-benches --features tch --target-dir target/tch --bin bench-torch -- \
        --against nothing --device {{ device }} --work target/tch/bench --threads 1 {{ args }}

# A program on LibTorch: just on-torch fig7 --world gsm8k --model DIR --data DIR --device tch-cuda.
[group('figures')]
on-torch program *args:
    #!/usr/bin/env bash
    set -euo pipefail
    eval "$(benches/libtorch.sh)"
    cargo run --release --locked -p eightfold-experiments --features models,tch --target-dir target/tch --bin {{ program }} -- {{ args }}

# Fuzz the grader and the segmenters for MINUTES each (needs cargo-fuzz and a C++ compiler; stable Rust will do).
[group('check')]
fuzz MINUTES="10":
    mkdir -p fuzz/work/grade fuzz/work/segment
    cd fuzz && cargo run --release --locked --example seeds -- ../tests/cases/verifier work/grade
    cd fuzz && cargo run --release --locked --example seeds -- corpus/grade.jsonl work/kept/grade
    cd fuzz && cargo run --release --locked --example seeds -- corpus/segment.jsonl work/kept/segment
    cd fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none grade work/grade work/kept/grade -- -dict=answers.dict -max_len=400 -timeout=10 -max_total_time="$(({{ MINUTES }} * 60))"
    cd fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none segment work/segment work/kept/segment work/kept/grade -- -dict=steps.dict -max_len=2000 -timeout=10 -max_total_time="$(({{ MINUTES }} * 60))"

# Measure rates: tokens, cases and fits per second. The first run compiles burn once more, since criterion asks for
# another feature of `ciborium`, which is below burn too; `--workspace` at least shares that with `cargo test`.
[group('check')]
bench *args:
    cargo bench --workspace --locked --bench losses --bench rollouts --bench sampler --bench scaling --bench train --bench verifier -- --warm-up-time 1 --measurement-time 2 {{ args }}

# Measure how fast a model folder is sampled, beside `transformers` in turn: just rates DIR [--rounds 5].
[group('check')]
rates MODEL *args:
    #!/usr/bin/env bash
    set -euo pipefail
    venv="${EIGHTFOLD_TORCH_VENV:-target/bench-torch/venv}"
    if [ -z "${EIGHTFOLD_TORCH_VENV:-}" ] && [ ! -e "$venv/complete" ]; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install -r benches/pytorch/requirements.txt
        touch "$venv/complete"
    fi
    cargo build --release --locked -p eightfold-models --example rate
    "$venv/bin/python" crates/models/rates.py --model "{{ MODEL }}" --work target/rates \
        --rate "${CARGO_TARGET_DIR:-target}/release/examples/rate" {{ args }}

# Measure training and sampling against PyTorch on the same cores: a quarter of an hour in which nothing else should run.
[group('check')]
bench-torch *args:
    #!/usr/bin/env bash
    set -euo pipefail
    venv="${EIGHTFOLD_TORCH_VENV:-target/bench-torch/venv}"
    if [ -z "${EIGHTFOLD_TORCH_VENV:-}" ] && [ ! -e "$venv/complete" ]; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install -r benches/pytorch/requirements.txt
        touch "$venv/complete"
    fi
    # With --workspace the features of shared dependencies are those of every other recipe, and nothing is built twice.
    cargo build --release --locked --workspace --bin bench-torch
    "${CARGO_TARGET_DIR:-target}/release/bench-torch" --python "$venv/bin/python" {{ args }}
