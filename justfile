# Every command of the project. `just --list` shows them; README.md has the two that need no just.

# List the recipes.
default:
    @just --list --unsorted

# Figures 1, 2, 3, 5 and 7, one after the other; --preset smoke, quick (default) or full.
[group('figures')]
figs *args: (fig7 args) (fig1 args) (fig2 args) (fig3 args) (fig5 args)

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

# Train the base checkpoint of the lexicon world anew.
[group('figures')]
base *args:
    cargo run --release --locked -p eightfold-experiments --bin base -- {{ args }}

# Try settings of every method on validation problems; prints a table.
[group('figures')]
tune *args:
    cargo run --release --locked -p eightfold-experiments --bin tune -- {{ args }}

# Remove cached checkpoints, rollouts and records of the quick and smoke presets.
[group('figures')]
clean-cache:
    rm -rf .eightfold

# Run every test; those that need outside data say `skipped` where EIGHTFOLD_DATA is not set.
[group('check')]
test:
    cargo test --workspace --locked

# Try every law of the losses and Theorem 6.1; prints cases tried and the largest deviation seen.
[group('check')]
theorem:
    cargo test --locked -p eightfold-tests --test theorem -- --ignored --nocapture print_table

# Run the tests that read outside data from DIR; a missing file is a failure.
[group('check')]
test-data DIR:
    EIGHTFOLD_DATA="{{ canonicalize(DIR) }}" cargo test --locked -p eightfold-task -p eightfold-verifier -p eightfold-tests

# Say whether the code is formatted; `cargo fmt` formats it.
[group('check')]
fmt:
    cargo fmt --all --check

# Clippy on every target; a warning is a failure.
[group('check')]
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

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
    cargo check --locked -p eightfold-gpt --features tch --target-dir target/tch

# Measure rates: tokens, cases and fits per second.
[group('check')]
bench *args:
    cargo bench --locked -p eightfold-benches -- {{ args }}
