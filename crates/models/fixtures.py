"""Makes what the tests compare with: tiny random models of each architecture with what `transformers` makes of them.

    python3 -m venv venv
    venv/bin/pip install torch==2.15.0 transformers==5.23.0 tokenizers==0.23.2 safetensors
    venv/bin/python crates/models/fixtures.py crates/models/tests/fixtures       # the committed folders
    venv/bin/python crates/models/fixtures.py --learned crates/models/tests/fixtures   # `learned.json` of these alone
    venv/bin/python crates/models/fixtures.py --beside DIR                       # expectations for a real model

A folder has `expected.json` (tokens of texts, a chat as text, 20 greedy completions token by token) and
`expected.safetensors` (logits after each token of one text). `learned.json` has log-probabilities of completions, their
gradient by autograd, and some updates by AdamW, all in f64.
"""

import argparse
import json
import pathlib

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

THINGS = ["apples", "books", "coins", "drums", "eggs", "forks", "gloves", "hats", "inks", "jars"]
NAMES = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ivo", "Jo"]
PROMPTS = [
    f"{NAMES[i % 10]} has {3 + 2 * i} {THINGS[i * 7 % 10]} and {'buys' if i % 2 else 'loses'} {1 + i % 3} of them. How many?"
    for i in range(16)
] + ["The capital of France is", "def add(a, b):\n    return", "Once upon a time", "Q: What is 12 * 12?\nA:"]
TEXTS = ["Hello, world!", " two  spaces\n\nand lines", "Zoë paid 3.50 € – naïvely", "<|im_start|>user", ""]
CHAT = [
    {"role": "system", "content": "Answer in one line."},
    {"role": "user", "content": "  What is 2 < 3?\n"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "And \"3 < 2\"?"},
]
CHATML = """{%- if messages[0]['role'] == 'system' -%}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- set messages = messages[1:] %}
{%- endif -%}
{% for message in messages %}
    {% if message.role not in ['user', 'assistant'] %}
        {{- raise_exception('unknown role ' + message.role) }}
    {% endif %}
    {{- '<|im_start|>' ~ message.role ~ '\\n' ~ message.content.strip() }}
    {%- if loop.last and tools is defined and tools %} tools{% endif %}
    {{- '<|im_end|>\\n' }}
{% endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
BRACKETS = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}[INST] {{ m['content'] | trim }} [/INST]"
    "{% elif m['role'] == 'system' %}<<{{ {'system': m['content']} | tojson }}>>"
    "{% else %} {{ m.content.split('.')[0] }}{{ eos_token }}{% endif %}{% endfor %}"
)


def tokenizer(folder: pathlib.Path, template: str, in_config: bool, bos: bool):
    """A byte-level BPE of 320 tokens, trained on the prompts."""
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    special = ["<|begin|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=special, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())
    )
    tok.train_from_iterator(PROMPTS * 3, trainer)
    tok.add_special_tokens([AddedToken(token, special=True) for token in special])
    if bos:
        tok.post_processor = processors.TemplateProcessing(single="<|begin|> $A", special_tokens=[("<|begin|>", 0)])
    tok.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|begin|>",
        "eos_token": {"__type": "AddedToken", "content": "<|im_end|>", "special": True},
        "clean_up_tokenization_spaces": False,
    }
    if in_config:
        config["chat_template"] = template
    else:
        (folder / "chat_template.jinja").write_text(template)
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1))


def expectations(folder: pathlib.Path, text: str, new: int, endless: bool):
    """What transformers makes of a folder, in f32; with `endless`, no completion ends by itself."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    # Not AutoTokenizer: for some architectures it splits texts in ways of its own, whatever the file says.
    tok = PreTrainedTokenizerFast.from_pretrained(folder)
    ids = tok(text, return_tensors="pt").input_ids
    with torch.inference_mode():
        logits = model(ids).logits[0]
        completions = []
        for prompt in PROMPTS:
            prompt_ids = tok(prompt, return_tensors="pt").input_ids
            # Given, since a beginning of text that is also padding would be masked.
            mask = torch.ones_like(prompt_ids)
            length = dict(max_new_tokens=new, min_new_tokens=new if endless else 0)
            out = model.generate(prompt_ids, attention_mask=mask, do_sample=False, pad_token_id=0, **length)
            completions.append(out[0, prompt_ids.shape[1] :].tolist())
    expected = {
        "texts": [{"text": text, "tokens": tok(text).input_ids} for text in TEXTS],
        "chat": {
            "turns": CHAT,
            "text": tok.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True),
        },
        "tokens": ids[0].tolist(),
        "max_tokens": new,
        "endless": endless,
        "completions": [{"prompt": p, "tokens": t} for p, t in zip(PROMPTS, completions)],
    }
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False))
    save_file({"logits": logits.contiguous()}, folder / "expected.safetensors")


def learned(folder: pathlib.Path):
    """What PyTorch's autograd and AdamW make of a folder."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").eval()
    # Else the row of the padding token gets no gradient.
    model.get_input_embeddings().padding_idx = None
    vocab = model.config.vocab_size
    sequences = [
        {
            "prompt": [(7 * i + 3 * j * j + 1) % vocab for j in range(4 + 3 * i)],
            "completion": [(11 * i + 5 * j * j + 2 * j) % vocab for j in range(5 + (4 * i) % 7)],
            "slope": 0.5 - 0.4 * i,
        }
        for i in range(4)
    ]

    def logps():
        for sequence in sequences:
            prompt, completion = sequence["prompt"], sequence["completion"]
            logits = model(torch.tensor([prompt + completion])).logits[0, len(prompt) - 1 : -1].double()
            yield logits.log_softmax(-1)[range(len(completion)), completion].sum()

    def gradients(numbers):
        (sum(s["slope"] * logp for s, logp in zip(sequences, numbers))).backward()
        for name, parameter in model.named_parameters():
            flat = parameter.grad.flatten()
            # The norm and a projection, which sees the order.
            yield name, [flat.norm().item(), (flat * torch.arange(len(flat)).double().cos()).sum().item()]

    before = list(logps())
    out = {
        "sequences": sequences,
        "logps": [logp.item() for logp in before],
        "gradients": dict(gradients(before)),
        "rate": 0.003,
        "decay": 0.1,
        "clip": 1.0,
        "losses": [],
    }
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=out["rate"], betas=(0.9, 0.95), eps=1e-8, weight_decay=out["decay"]
    )
    for _ in range(5):
        optimizer.zero_grad()
        loss = -sum(logps()) / sum(len(s["completion"]) for s in sequences)
        out["losses"].append(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), out["clip"])
        optimizer.step()
    (folder / "learned.json").write_text(json.dumps(out))


def tiny(folder: pathlib.Path, kind, config, seed: int, dtype, template, in_config=True, bos=False, shard="1GB"):
    """A random model whose every parameter counts."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = kind(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
            else:
                parameter.copy_(0.25 * torch.randn_like(parameter))
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)
    tokenizer(folder, template, in_config, bos)
    expectations(folder, PROMPTS[1] + " " + PROMPTS[18], 16, endless=False)
    learned(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--learned", type=pathlib.Path)
    parser.add_argument("--beside", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.learned:
        for folder in sorted(args.learned.iterdir()):
            learned(folder)
        return
    if args.beside:
        expectations(args.beside, "\n".join(PROMPTS[:3]), 48, endless=True)
        return
    size = dict(
        vocab_size=320,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=96,
        rms_norm_eps=1e-5,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=0,
    )
    llama3 = {
        "rope_type": "llama3",
        "rope_theta": 500.0,
        "factor": 4.0,
        "original_max_position_embeddings": 24,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
    }
    yarn = {
        "rope_type": "yarn",
        "rope_theta": 1000.0,
        "factor": 4.0,
        "original_max_position_embeddings": 24,
        "beta_fast": 4.0,
        "beta_slow": 0.5,
    }
    linear = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0}
    dynamic = {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0}
    config = LlamaConfig(**size, rope_parameters=llama3, tie_word_embeddings=True)
    tiny(args.folder / "llama-llama3", LlamaForCausalLM, config, 1, torch.float32, BRACKETS, bos=True)
    config = LlamaConfig(
        **size, rope_parameters=yarn, tie_word_embeddings=False, attention_bias=True, mlp_bias=True, head_dim=16
    )
    tiny(args.folder / "llama-yarn", LlamaForCausalLM, config, 2, torch.float16, CHATML, in_config=False, shard="40KB")
    config = LlamaConfig(**(size | {"num_key_value_heads": 1}), rope_parameters=linear, tie_word_embeddings=False)
    tiny(args.folder / "llama-linear", LlamaForCausalLM, config, 3, torch.bfloat16, CHATML)
    config = Qwen2Config(**size, rope_parameters=dynamic, tie_word_embeddings=True)
    tiny(args.folder / "qwen2", Qwen2ForCausalLM, config, 4, torch.float32, CHATML)
    # The form of older folders: positions outside `rope_parameters`.
    config = Qwen3Config(**size, head_dim=16, tie_word_embeddings=True)
    tiny(args.folder / "qwen3", Qwen3ForCausalLM, config, 5, torch.bfloat16, CHATML)
    path = args.folder / "qwen3" / "config.json"
    old = json.loads(path.read_text())
    old.pop("rope_parameters")
    path.write_text(json.dumps(old | {"rope_theta": 10000.0, "rope_scaling": None}, indent=2))
    assert load_file(args.folder / "qwen3" / "expected.safetensors")["logits"].isfinite().all()


main()
