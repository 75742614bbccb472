"""Three DPO steps by TRL's own trainer on pairs that `eightfold` exported, for tests/trl_dpo_step.rs.

Needs TRL on any machine; the model is tiny and random, its tokenizer one of characters, and nothing is fetched:

    python -m venv venv && venv/bin/pip install trl
    venv/bin/python tests/cases/trl_dpo_step.py > tests/cases/trl_dpo_step.json

tests/cases/trl_pairs.jsonl is what the commands of docs/your-own-problems.md make of the files in
crates/cli/tests/pipeline; a test holds it to that. TRL puts an end of text after both sides of every row of texts.
A lone step does not end, so the same is done once more with that end taken off again where a row says so: the way to
train on step pairs with TRL.
"""

import contextlib
import json
import re
import sys
import tempfile
from pathlib import Path

import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer

BETA = 0.3
STEPS = 3
ROWS = [json.loads(line) for line in (Path(__file__).parent / "trl_pairs.jsonl").read_text().splitlines()]


def tokenizer():
    text = "".join(row[key] for row in ROWS for key in ("prompt", "chosen", "rejected"))
    vocabulary = {token: i for i, token in enumerate(["<pad>", "<end>", "<unknown>", *sorted(set(text))])}
    characters = Tokenizer(models.WordLevel(vocabulary, unk_token="<unknown>"))
    characters.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    characters.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=characters, pad_token="<pad>", eos_token="<end>", unk_token="<unknown>")


def model(tokens):
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokens),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        pad_token_id=tokens.pad_token_id,
        eos_token_id=tokens.eos_token_id,
        bos_token_id=None,
        attn_implementation="eager",
    )
    return LlamaForCausalLM(config)


def logps(network, inputs):
    """Summed log-probability of each completion, written out anew: no line of TRL takes part."""
    with torch.no_grad():
        logits = network(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits
    each = torch.log_softmax(logits[:, :-1].double(), -1)
    each = each.gather(2, inputs["input_ids"][:, 1:, None])[:, :, 0]
    return (each * inputs["completion_mask"][:, 1:]).sum(1)


class Watched(DPOTrainer):
    """A trainer that notes what it was given and what loss it found, before every update."""

    def compute_loss(self, model, inputs, *args, **kwargs):
        names = ("policy_chosen", "policy_rejected", "reference_chosen", "reference_rejected")
        halves = [*logps(model, inputs).chunk(2), *logps(self.ref_model, inputs).chunk(2)]
        step = {name: half.tolist() for name, half in zip(names, halves)}
        chosen, rejected = inputs["completion_mask"].sum(1).chunk(2)
        step |= {"chosen_tokens": chosen.tolist(), "rejected_tokens": rejected.tolist()}
        result = super().compute_loss(model, inputs, *args, **kwargs)
        step["loss"] = (result[0] if isinstance(result, tuple) else result).item()
        self.steps.append(step)
        return result


def run(ends_as_said):
    tokens = tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        config = DPOConfig(
            output_dir=folder,
            beta=BETA,
            loss_type=["sigmoid"],
            learning_rate=1e-2,
            lr_scheduler_type="constant",
            max_steps=STEPS,
            per_device_train_batch_size=len(ROWS),
            max_length=None,
            bf16=False,
            gradient_checkpointing=False,
            use_cpu=True,
            seed=7,
            report_to=[],
            save_strategy="no",
            logging_steps=1,
            disable_tqdm=True,
        )
        trainer = Watched(
            model=model(tokens),
            ref_model=model(tokens),
            args=config,
            train_dataset=Dataset.from_list(ROWS),
            processing_class=tokens,
        )
    trainer.steps = []
    if ends_as_said:

        def take_off(row):
            for side in ("chosen", "rejected"):
                if not row[f"{side}_ends"] and row[f"{side}_ids"][-1] == tokens.eos_token_id:
                    row[f"{side}_ids"] = row[f"{side}_ids"][:-1]
            return row

        trainer.train_dataset = trainer.train_dataset.map(take_off)
    trainer.train()
    logged = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {"ends_as_said": ends_as_said, "logged_losses": logged, "steps": trainer.steps}


def rounded(value):
    """Nine places are more than single precision has, and fewer digits to read."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 9) if isinstance(value, float) else value


# The trainer prints what it logs.
with contextlib.redirect_stdout(sys.stderr):
    runs = [run(False), run(True)]
output = {
    "made_by": "tests/cases/trl_dpo_step.py",
    "versions": {
        "trl": trl.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
    },
    "beta": BETA,
    "pairs": len(ROWS),
    "runs": rounded(runs),
}
# One list a line.
print(re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), json.dumps(output, indent=1)))
