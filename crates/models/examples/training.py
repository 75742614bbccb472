"""Asks training.rs and PyTorch (PEFT for adapters) in turn for updates on the same batch: see training.rs.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 transformers==5.23.0 peft
    venv/bin/python crates/models/examples/training.py DIR --method lora --threads 1 --updates 3

Each update of one is followed by one of the other, so that both meet the same disturbances. The first of each is not
counted: it makes room in memory.
"""

import argparse
import os
import resource
import statistics
import subprocess
import time

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--method", choices=["full", "lora"], default="full")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--updates", type=int, default=3)
parser.add_argument("--lengths", type=int, nargs="+", default=[128] * 8)
parser.add_argument("--prompt", type=int, default=1)
parser.add_argument("--micro", type=int, default=8)
parser.add_argument("--ours", choices=["keep", "recompute"], default="recompute")
parser.add_argument("--theirs", choices=["keep", "recompute"], default="keep")
parser.add_argument("--program", default="target/release/examples/training")
args = parser.parse_args()

os.environ["OMP_NUM_THREADS"] = str(args.threads)
import torch  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

torch.set_num_threads(args.threads)
command = [args.program, args.folder, args.method, args.ours, args.micro, args.prompt, *args.lengths]
ours = subprocess.Popen(
    list(map(str, command)),
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
    env=os.environ | {"RAYON_NUM_THREADS": str(args.threads)},
)
ours.stdout.readline()

model = AutoModelForCausalLM.from_pretrained(args.folder, dtype=torch.float32)
if args.method == "lora":
    from peft import LoraConfig, get_peft_model

    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules=targets, lora_dropout=0.0))
if args.theirs == "recompute":
    model.gradient_checkpointing_enable({"use_reentrant": False})
    model.enable_input_require_grads()
model.train()
vocab, longest = model.config.vocab_size, max(args.lengths)
ids = torch.zeros(len(args.lengths), longest, dtype=torch.long)
mask = torch.zeros_like(ids)
for i, length in enumerate(args.lengths):
    ids[i, :length] = torch.tensor([(i * 7919 + j * j * 31 + j * 977 + 5) % vocab for j in range(length)])
    mask[i, :length] = 1
labels = ids.masked_fill(mask == 0, -100)
labels[:, : args.prompt] = -100
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-5, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
scored = (labels != -100).sum()


def theirs():
    start, before, loss = time.perf_counter(), time.process_time(), 0.0
    optimizer.zero_grad()
    for part in range(0, len(ids), args.micro):
        part = slice(part, part + args.micro)
        out = model(ids[part], attention_mask=mask[part], labels=labels[part], num_items_in_batch=scored)
        out.loss.backward()
        loss += out.loss.item()
        del out
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return loss, time.perf_counter() - start, time.process_time() - before, peak


def asked():
    ours.stdin.write("\n")
    ours.stdin.flush()
    return tuple(map(float, ours.stdout.readline().split()))


rows = [(asked(), theirs()) for _ in range(args.updates + 1)]
tokens = sum(args.lengths)
for name, row in zip(["eightfold", "PyTorch"], zip(*rows)):
    wall, cpu = (statistics.median(update[i] for update in row[1:]) for i in (1, 2))
    losses = " ".join(f"{update[0]:.5f}" for update in row)
    print(
        f"{name:9} {args.method} {args.threads} threads: {cpu:.2f} processor s, {wall:.2f} s an update, "
        f"{tokens / cpu:.0f} tokens a processor s, {row[-1][3]:.0f} MiB at most, losses {losses}"
    )
ratios = [theirs[2] / ours[2] for ours, theirs in rows[1:]]
print(f"speed beside PyTorch, by processor time: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
