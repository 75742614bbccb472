"""TRL: a step of GRPO on a tiny random model with our reward, a step of DPO on our pairs, and its own reward beside ours."""

import pytest

trl = pytest.importorskip("trl")

import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # noqa: E402
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM  # noqa: E402

from eightfold.pairs import make, to_trl  # noqa: E402
from eightfold.rewards import accuracy_reward, reasoning_accuracy_reward  # noqa: E402
from eightfold.testing import check_preference_loss  # noqa: E402
from eightfold.values import search  # noqa: E402


@pytest.fixture
def tokenizer():
    """A token for each byte."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bare = Tokenizer(models.BPE(vocab={byte: i for i, byte in enumerate(alphabet)}, merges=[]))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    found = PreTrainedTokenizerFast(tokenizer_object=bare, eos_token="<|end|>", pad_token="<|pad|>")
    found.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "
    return found


@pytest.fixture
def model(tokenizer):
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Qwen2Config(
        vocab_size=len(tokenizer), num_key_value_heads=2, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, **sizes,
    )
    return Qwen2ForCausalLM(config)


def settings(kind, path, **more):
    return kind(
        output_dir=str(path), per_device_train_batch_size=2, max_steps=1, logging_steps=1, report_to=[], use_cpu=True,
        bf16=False, save_strategy="no", disable_tqdm=True, **more,
    )


@pytest.mark.parametrize("reward", [accuracy_reward, reasoning_accuracy_reward])
@pytest.mark.parametrize("chat", [False, True])
def test_a_step_of_grpo(reward, chat, tokenizer, model, tmp_path):
    prompt = "1 + 1?"
    prompts = [[{"role": "user", "content": prompt}] if chat else prompt] * 4
    data = Dataset.from_dict({"prompt": prompts, "solution": ["2", "\\frac{", "2", "2"]})
    args = settings(trl.GRPOConfig, tmp_path, num_generations=2, max_completion_length=6)
    trainer = trl.GRPOTrainer(model=model, reward_funcs=reward, args=args, train_dataset=data, processing_class=tokenizer)
    trainer.train()
    logged = [row for row in trainer.state.log_history if any("rewards/" in key for key in row)]
    assert logged and any(reward.__name__ in key for key in logged[0]), trainer.state.log_history


def test_what_trl_says_of_responses():
    """We say 1.0 wherever TRL's own reward does, on marked answers."""
    from trl.rewards import accuracy_reward as theirs

    golds = ["$\\frac{1}{2}$", "$x^2$", "$\\{1, 2\\}$", "$3$", "$12$"]
    responses = ["\\boxed{0.5}", "\\boxed{x \\cdot x}", "\\boxed{\\{2, 1\\}}", "\\boxed{4}", "twelve"]
    completions = [[{"role": "assistant", "content": text}] for text in responses]
    found = theirs(completions=completions, solution=golds)
    own = accuracy_reward(completions, solution=golds)
    assert own == [1.0, 1.0, 1.0, 0.0, 0.0] and found == own


def test_a_step_of_dpo_on_our_pairs(tokenizer, model, tmp_path):
    wrong = {"id": "a", "sample": 0, "question": "1 + 1 + 1?", "answer": "3", "completion": "1 + 1 = 2\n2 + 1 = 4\n#### 4"}

    def generate(prompts, seeds):
        return ["#### 4" if "= 4" in prompt else "2 + 1 = 3\n#### 3" for prompt in prompts]

    pairs = to_trl(make(list(search([wrong, {**wrong, "id": "b"}], generate))))
    args = settings(trl.DPOConfig, tmp_path)
    model.save_pretrained(tmp_path / "model")  # the trainer loads its reference from where the model is from
    trainer = trl.DPOTrainer(model=str(tmp_path / "model"), args=args, train_dataset=Dataset.from_list(pairs), processing_class=tokenizer)
    trainer.train()
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    assert losses and abs(losses[0] - 0.6931) < 1e-3, "an untrained policy pays ln 2"


def test_laws_on_tensors():
    def dpo(chosen, rejected, reference_chosen, reference_rejected):
        margins = (chosen - rejected) - (reference_chosen - reference_rejected)
        return -torch.nn.functional.logsigmoid(0.1 * margins)

    check_preference_loss(dpo, array=lambda values: torch.tensor(values, dtype=torch.float64, requires_grad=True))
