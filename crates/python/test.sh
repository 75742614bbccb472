#!/usr/bin/env bash
# Builds the Python package, installs it into an environment of its own and runs its tests; arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
target="${CARGO_TARGET_DIR:-../../target}"
venv="$target/python-venv"
if ! cmp -s requirements-test.txt "$venv/installed"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r requirements-test.txt
    cp requirements-test.txt "$venv/installed"
fi
rm -rf "$target/wheels"
"$venv/bin/maturin" build --quiet --release --out "$target/wheels"
"$venv/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$target"/wheels/eightfold-*.whl
"$venv/bin/python" -m mypy.stubtest eightfold._core
"$venv/bin/python" -m mypy --strict python/eightfold
exec "$venv/bin/python" -B -m pytest --quiet "$@"
