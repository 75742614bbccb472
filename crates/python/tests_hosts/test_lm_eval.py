"""lm-evaluation-harness: each task runs in `simple_evaluate`, on rows of our own in the form of its data set."""

import json

import pytest

pytest.importorskip("lm_eval")

from lm_eval import simple_evaluate  # noqa: E402
from lm_eval.api.model import LM  # noqa: E402
from lm_eval.api.registry import get_filter  # noqa: E402
from lm_eval.tasks import TaskManager  # noqa: E402

from eightfold.lm_eval import TASKS, register_filter  # noqa: E402

GSM8K = [
    {"question": "Ann has 3 pens and buys 2. How many?", "answer": "3 + 2 = <<3+2=5>>5\n#### 5"},
    {"question": "Bob has 4 pens and loses 1. How many?", "answer": "4 - 1 = <<4-1=3>>3\n#### 3"},
]
MATH = [
    {"problem": "Ann: $1/2$", "solution": "It is $\\boxed{\\frac12}$.", "answer": "\\frac{1}{2}"},
    {"problem": "Bob: $x$", "solution": "?", "answer": "\\frac{"},
]
AIME = [{"Problem": "Ann: 5", "Answer": 5}, {"Problem": "Bob: 7", "Answer": 7}]


class Fixed(LM):
    """Right about Ann, wrong about Bob."""

    def __init__(self, right):
        super().__init__()
        self.right = right

    def generate_until(self, requests, disable_tqdm=False):
        asked = [request.args[0].rsplit("Question:", 1)[-1] for request in requests]
        return [self.right if "Ann" in text else "I think it is \\boxed{1000}." for text in asked]

    def loglikelihood(self, requests, disable_tqdm=False):
        raise NotImplementedError

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        raise NotImplementedError


@pytest.mark.parametrize(
    ("task", "rows", "right", "understood"),
    [
        ("gsm8k_eightfold", GSM8K, " 3 + 2 = 5\n#### 5", 1.0),
        ("math500_eightfold", MATH, "So $\\boxed{0.5}$.", 0.5),
        ("aime24_eightfold", AIME, "\\boxed{005}", 1.0),
    ],
)
def test_tasks_run(task, rows, right, understood, tmp_path):
    data = tmp_path / "rows.json"
    data.write_text("\n".join(map(json.dumps, rows)))
    splits = {"train": str(data), "test": str(data)}
    local = (
        f"include: {TASKS / task}.yaml\ntask: local\ndataset_path: json\ndataset_name: null\nnum_fewshot: 0\n"
        f"dataset_kwargs:\n  data_files: {json.dumps(splits)}\n"
    )
    (tmp_path / "local.yaml").write_text(local)
    manager = TaskManager(include_path=str(tmp_path), include_defaults=False)
    found = simple_evaluate(
        model=Fixed(right), tasks=["local"], task_manager=manager, bootstrap_iters=0, cache_requests=False
    )["results"]["local"]
    assert found["verified,none"] == 0.5 and found["gold_understood,none"] == understood


def test_the_tasks_are_found_by_their_names():
    manager = TaskManager(include_path=str(TASKS), include_defaults=False)
    assert {"gsm8k_eightfold", "math500_eightfold", "aime24_eightfold"} <= set(manager.all_tasks)


def test_the_filter():
    register_filter()
    found = get_filter("eightfold")().apply([["so \\boxed{3}", "#### 4"], ["?"]], [{}, {}])
    assert found == [["3", "4"], [""]]
