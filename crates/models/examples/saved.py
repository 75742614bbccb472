"""Whether transformers loads what saved.rs saves, and finds the same logits. Usage:

    cargo build --release -p eightfold-models --example saved
    venv/bin/python crates/models/examples/saved.py DIR ...       # the environment of fixtures.py
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

for folder in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as place:
        out = pathlib.Path(place) / "saved"
        said = subprocess.run(
            ["target/release/examples/saved", folder, out], check=True, stdout=subprocess.PIPE, text=True
        )
        ours = json.loads(said.stdout)
        model, info = AutoModelForCausalLM.from_pretrained(out, output_loading_info=True)
        assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
        assert len(AutoTokenizer.from_pretrained(out)) > 0
        with torch.inference_mode():
            theirs = model(torch.tensor([ours["tokens"]])).logits[0]
        difference = (torch.tensor(ours["logits"]).view_as(theirs) - theirs.float()).abs().max().item()
        print(f"{folder}: {next(model.parameters()).dtype}, logits differ by {difference:.1e} at most")
