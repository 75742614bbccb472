"""OpenRLHF: its own executor loads the file of one line and calls the function in it."""

import asyncio
from types import SimpleNamespace

import pytest

agent = pytest.importorskip("openrlhf.utils.agent")

torch = pytest.importorskip("torch")


class Bytes:
    """A token for each byte."""

    def __call__(self, text, add_special_tokens, return_tensors):
        return {"input_ids": torch.tensor([list(text.encode())])}

    def decode(self, ids, skip_special_tokens):
        return bytes(ids).decode()


class Engine:
    def __init__(self, response):
        self.response = response

    async def generate(self, prompt, params, multi_modal_data):
        output = SimpleNamespace(token_ids=list(self.response.encode()), finish_reason="stop", logprobs=None)
        return SimpleNamespace(outputs=[output])


@pytest.mark.parametrize("longest", [1000, 60])
@pytest.mark.parametrize(("response", "expected"), [("so \\boxed{0.5}", 1.0), ("so 0.5", 0.0)])
def test_the_executor_calls_our_function(response, expected, longest, tmp_path):
    file = tmp_path / "reward.py"
    file.write_text("from eightfold.openrlhf import reward_func\n")
    executor = agent.SingleTurnAgentExecutor(str(file))
    # A prompt with a marked answer: it is none of the model's. At 60 tokens the executor cuts its beginning off.
    prompt = "Put the answer in a box, as in \\boxed{1/2}.\nWhat is a half?\n"
    params = SimpleNamespace(max_tokens=20, logprobs=None)
    found = asyncio.run(executor.execute(prompt, "1/2", params, longest, Bytes(), Engine(response)))
    assert [float(found[key]) for key in ("reward", "scores")] == [expected, expected]
    assert float(found["extra_logs"]["accuracy"]) == expected
