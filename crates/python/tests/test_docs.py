"""Every Python snippet of the documents runs, from top to bottom, with stand-ins for hosts that need weights."""

import doctest
import importlib
import re
import sys
import types
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent
REPOSITORY = PACKAGE.parent.parent
PAGES = [PACKAGE / "README.md", REPOSITORY / "docs/python.md", REPOSITORY / "README.md"]


def module(name, **contents):
    found = types.ModuleType(name)
    vars(found).update(contents)
    return found


class Named(types.SimpleNamespace):
    """Keeps what it was made with."""

    def __init__(self, *positional, **named):
        super().__init__(positional=positional, **named)


class Model(Named):
    """As vLLM's `LLM`: a request for each prompt, with one output."""

    def generate(self, prompts, params):
        assert len(prompts) == len(params) == len({(prompt, some.seed) for prompt, some in zip(prompts, params)})
        texts = ["#### 1" if "= 1" in prompt else "3 + 2 = 5\n#### 5" for prompt in prompts]
        return [Named(outputs=[Named(text=text, finish_reason="stop")]) for text in texts]


class Trainer(Named):
    """As TRL's trainer, as far as its reward is called."""

    def train(self):
        rows = self.train_dataset
        completions = [[{"role": "assistant", "content": "\\boxed{5}"}] for _ in rows]
        columns = {key: [row[key] for row in rows] for key in rows[0]}
        prompts = columns.pop("prompt")
        rewards = self.reward_funcs(prompts=prompts, completions=completions, completion_ids=[[1]], **columns)
        assert rewards == [1.0] * len(rows)


@pytest.fixture
def hosts(monkeypatch):
    stand_ins = [
        module("vllm", LLM=Model, SamplingParams=Named),
        module("trl", GRPOConfig=Named, GRPOTrainer=Trainer),
        module("datasets", Dataset=types.SimpleNamespace(from_list=list)),
    ]
    for stand_in in stand_ins:
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_snippets_run(page, hosts):
    snippets = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    names = {"__name__": "snippets"}
    for snippet in snippets:
        exec(compile(snippet, str(page), "exec"), names)
    assert snippets


@pytest.mark.parametrize("name", ["", ".math_verify", ".pairs", ".rewards", ".scaling", ".testing", ".values"])
def test_examples_of_modules(name):
    found = doctest.testmod(importlib.import_module("eightfold" + name))
    assert found.attempted and not found.failed
