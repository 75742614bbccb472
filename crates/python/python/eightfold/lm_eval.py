"""Tasks and a filter for lm-evaluation-harness, which grades by this package and needs no antlr.

    lm_eval --include_path "$(python -m eightfold.lm_eval)" --tasks gsm8k_eightfold ...

There are `gsm8k_eightfold`, `math500_eightfold` and `aime24_eightfold`. A task of yours names the function in a file
`utils.py` beside its YAML, `from eightfold.lm_eval import process_results`, as `!function utils.process_results`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ._core import Grader, extract

__all__ = ["TASKS", "process_results", "register_filter"]

#: The folder of the tasks, for `--include_path`.
TASKS = Path(__file__).parent / "lm_eval_tasks"

#: An evaluation, unlike a reward, may read an answer that nothing marks.
_FLEXIBLE = Grader()

#: Keys under which data sets keep the gold answer; the first that is there counts.
_GOLD = ("answer", "Answer", "solution", "target")


def process_results(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, float]:
    """The metrics of one document: `verified`, and `gold_understood`, which is 0.0 where the fault is the data's.

    The first result is graded against the document's `answer` (else `Answer`, `solution`, `target`).
    """
    gold = next((doc[key] for key in _GOLD if doc.get(key) is not None), None)
    if gold is None:
        raise ValueError(f"doc: none of the keys {', '.join(_GOLD)}")
    if not results:
        raise ValueError("results: there is no response")
    # Answers that are numbers in the data are read as their digits.
    grade = _FLEXIBLE.verify(gold if isinstance(gold, str) else str(gold), results[0])
    return {"verified": 1.0 if grade else 0.0, "gold_understood": 1.0 if grade.gold_understood else 0.0}


def register_filter() -> None:
    """Makes the filter `eightfold` known to the harness: each response becomes its answer, or "" without one."""
    from lm_eval.api.filter import Filter  # type: ignore[import-not-found, unused-ignore]
    from lm_eval.api.registry import register_filter as register  # type: ignore[import-not-found, unused-ignore]

    class Extract(Filter):  # type: ignore[misc, unused-ignore]
        """The answer of each response."""

        def apply(self, resps: Iterable[Sequence[str]], docs: Sequence[Mapping[str, Any]]) -> list[list[str]]:
            return [[_answer(response) for response in responses] for responses in resps]

    register("eightfold")(Extract)


def _answer(response: str) -> str:
    found = extract(response)
    return "" if found is None else found.text


if __name__ == "__main__":
    print(TASKS)
