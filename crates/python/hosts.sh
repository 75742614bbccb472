#!/usr/bin/env bash
# Tests the adapters against the real hosts, in an environment of its own; arguments go to pytest. It takes about 10 GB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
target="${CARGO_TARGET_DIR:-../../target}"
venv="$target/python-hosts"
if ! cmp -s requirements-hosts.txt "$venv/installed"; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check -r requirements-hosts.txt
    "$venv/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check --no-deps verl==0.9.1 \
        openrlhf==0.11.2 lighteval==0.13.0
    cp requirements-hosts.txt "$venv/installed"
fi
./test.sh --collect-only --quiet >/dev/null # builds the wheel
"$venv/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$target"/wheels/eightfold-*.whl
export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 HF_DATASETS_OFFLINE=1 TOKENIZERS_PARALLELISM=false CUDA_VISIBLE_DEVICES=
exec "$venv/bin/python" -B -m pytest --quiet -p no:cacheprovider tests_hosts "$@"
