"""PyTorch's side of `just bench-torch`: prepares and measures rows as the driver asks.

A line of JSON each way; see `benches/src/bin/bench_torch/protocol.rs`.
"""

import argparse
import json
import os
import platform
import sys
import time

import torch

import network
import train


def rows(compiled):
    """What prepares a row of each kind."""
    import sample  # transformers is loaded only for the rows that need it

    return {
        "train": lambda data, model: train.Supervised(data, model, compiled),
        "preference": train.Preference,
        "draw": lambda data, model: sample.Rollouts(data, model) if data["work"]["ends"] else sample.Texts(data, model),
    }


def versions():
    name = f"PyTorch {torch.__version__}, Python {platform.python_version()}"
    try:
        import importlib.metadata

        return f"{name}, transformers {importlib.metadata.version('transformers')}"
    except importlib.metadata.PackageNotFoundError:
        return name


def prepare(folder, compiled):
    with open(os.path.join(folder, "row.json")) as file:
        data = json.load(file)
    row = rows(compiled)[data["work"]["kind"]](data, network.load(folder))
    row.warm_up()
    return row


def measure(row):
    start = time.perf_counter()
    tokens = row.measure()
    return {"seconds": time.perf_counter() - start, "tokens": tokens}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compile", action="store_true", help="compile the loss of train steps with torch.compile")
    compiled = parser.parse_args().compile
    # Whatever else prints goes to standard error: standard output is for answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    torch.set_num_interop_threads(1)
    torch.manual_seed(0)
    row = None
    for line in sys.stdin:
        request = json.loads(line)
        match request["do"]:
            case "hello":
                answer = {"versions": versions()}
            case "prepare":
                row, answer = prepare(request["dir"], compiled), {}
            case "measure":
                answer = measure(row)
            case "check":
                answer = row.check()
            case "finish":
                row = None
                continue
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
