#!/usr/bin/env bash
# Prints the settings with which a build finds LibTorch: eval "$(benches/libtorch.sh)". It is the one inside PyTorch's wheel,
# which is installed in EIGHTFOLD_TCH_VENV, or once in target/tch-venv (6.8 GB).
set -euo pipefail
venv="${EIGHTFOLD_TCH_VENV:-target/tch-venv}"
if [ -z "${EIGHTFOLD_TCH_VENV:-}" ] && [ ! -e "$venv/complete" ]; then
    python3 -m venv "$venv" >&2
    # torch-sys 0.22 asks for exactly 2.9.0; the tests of gpt and models pass on 2.9.1.
    "$venv/bin/pip" install torch==2.9.1 >&2
    touch "$venv/complete"
fi
libtorch="$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/torch"
printf 'export LIBTORCH=%q LIBTORCH_BYPASS_VERSION_CHECK=1 LD_LIBRARY_PATH=%q\n' "$libtorch" "$libtorch/lib:${LD_LIBRARY_PATH:-}"
