# Every command of the project. `just --list` shows them; README.md has the two that need no just.

# List the recipes.
default:
    @just --list --unsorted

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

# One wrong solution: Q and advantage of each step, its pit and its pair (just explain fig7 --problem 17).
[group('figures')]
explain *args:
    cargo run --release --locked -p eightfold-experiments --bin explain -- {{ args }}

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
