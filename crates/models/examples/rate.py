"""How fast transformers samples a model folder: see rate.rs. Usage: rate.py DIR BATCH TOKENS [THREADS [DTYPE]]"""

import resource
import sys
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

folder, batch, tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(int(sys.argv[4]) if len(sys.argv) > 4 else 2)
dtype = getattr(torch, sys.argv[5] if len(sys.argv) > 5 else "float32")
model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
tok = AutoTokenizer.from_pretrained(folder, padding_side="left")
texts = [f"Ada has {i} apples and buys {i + 3} more. How many has she now?" for i in range(batch)]
inputs = tok(texts, return_tensors="pt", padding=True)
torch.manual_seed(0)
start, before = time.perf_counter(), time.process_time()
with torch.inference_mode():
    out = model.generate(**inputs, do_sample=True, top_k=0, min_new_tokens=tokens, max_new_tokens=tokens)
wall, cpu = time.perf_counter() - start, time.process_time() - before
drawn = batch * (out.shape[1] - inputs.input_ids.shape[1])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{drawn} tokens in {wall:.2f} s: {drawn / wall:.1f} a second, {drawn / cpu:.1f} a processor second; {peak:.0f} MiB at most")
