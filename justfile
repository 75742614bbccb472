# Every command of the project. `just --list` shows them; README.md has the two that need no just.

# List the recipes.
default:
    @just --list --unsorted

# Figure 7: test error against data for every method, from the base checkpoint to the drawing.
[group('figures')]
fig7 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig7 -- {{ args }}

# Figure 10: star graphs, per-step DPO from under- and over-trained checkpoints.
[group('figures')]
fig10 *args:
    cargo run --release --locked -p eightfold-experiments --bin fig10 -- {{ args }}

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
