"""Measures sampling beside `transformers`, the two in turn, and prints a table: `just rates DIR`.

    python3 crates/models/rates.py --model DIR --rate target/release/examples/rate --work WORK

Needs torch, transformers and safetensors. Other programs disturb seconds more than processor seconds, and both sides
alike, since each round runs every row once. Prompts differ, and no text ends early.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

LINE = re.compile(r"([\d.]+) a second, ([\d.]+) a processor second; (\d+) MiB")


def narrow(folder: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
    """A copy of a model folder whose weights are bfloat16."""
    import torch
    from safetensors.torch import load_file, save_file

    if not (target / "model.safetensors").exists():
        target.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            if file.suffix != ".safetensors":
                shutil.copy(file, target)
        weights = {k: v.to(torch.bfloat16) for file in folder.glob("*.safetensors") for k, v in load_file(file).items()}
        (target / "model.safetensors.index.json").unlink(missing_ok=True)
        save_file(weights, target / "partial", metadata={"format": "pt"})
        (target / "partial").rename(target / "model.safetensors")
    return target


def run(command: list[str], threads: int) -> tuple[float, float, int]:
    environment = dict(os.environ, RAYON_NUM_THREADS=str(threads))
    text = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    rate, processor, peak = LINE.search(text).groups()
    return float(rate), float(processor), int(peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--rate", required=True, help="the example `rate`, built")
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rollouts", type=int, default=256, help="rollouts of as many tokens, once, for memory; 0: none")
    args = parser.parse_args()
    folders = {"float32": args.model, "bfloat16": narrow(args.model, args.work / "bfloat16")}
    beside = str(pathlib.Path(__file__).parent / "examples/rate.py")
    sizes = [str(args.batch), str(args.tokens)]
    rows = {}
    for dtype, folder in folders.items():
        rows["eightfold", dtype] = [args.rate, str(folder), *sizes]
        rows["transformers", dtype] = [sys.executable, beside, str(folder), *sizes, str(args.threads), dtype]
    seen = {row: [] for row in rows}
    for number in range(args.rounds):
        # Who goes first alternates.
        for row in list(rows)[:: 1 if number % 2 == 0 else -1]:
            seen[row].append(run(rows[row], args.threads))
            print(f"round {number + 1}: {' '.join(row)}: {seen[row][-1]}", file=sys.stderr)
    print("| sampler | weights | tokens a second | tokens a processor second | MiB at most |\n|---|---|---|---|---|")
    for (who, dtype), runs in seen.items():
        of = lambda i: f"{statistics.median(r[i] for r in runs):.0f} ({min(r[i] for r in runs):.0f} to {max(r[i] for r in runs):.0f})"
        print(f"| {who} | {dtype} | {of(0)} | {of(1)} | {max(r[2] for r in runs)} |")
    for dtype in folders:
        ours, theirs = seen["eightfold", dtype], seen["transformers", dtype]
        ratio = lambda i: statistics.median(a[i] / b[i] for a, b in zip(ours, theirs))
        print(f"\n{dtype}: {ratio(0):.2f} times by the clock, {ratio(1):.2f} times by processor time (medians of rounds).")
    if args.rollouts > 0:
        for dtype, folder in folders.items():
            rate, _, peak = run([args.rate, str(folder), str(args.rollouts), str(args.rollouts)], args.threads)
            print(f"\n{args.rollouts} rollouts of {args.rollouts} tokens, {dtype}: {peak} MiB at most, {rate:.0f} tokens a second.")


if __name__ == "__main__":
    main()
