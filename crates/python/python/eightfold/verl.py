"""A reward for verl: `reward.custom_reward_function.path=pkg://eightfold.verl` and `.name=compute_score`.

Where the ground truth cannot be read the score is 0.0 and `gold_understood` is 0.0: verl has no way to skip a row, so
count them before training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._core import Grade
from ._reward import MARKED, is_understood, score

__all__ = ["compute_score", "compute_score_batch"]


def compute_score(
    data_source: str | None,
    solution_str: str,
    ground_truth: str,
    extra_info: dict[str, Any] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """The score of one response, 1.0 or 0.0, and what verl logs beside it."""
    return _row(MARKED.verify(ground_truth, solution_str), ground_truth)


def compute_score_batch(
    data_sources: Sequence[str | None],
    solution_strs: Sequence[str],
    ground_truths: Sequence[str],
    extra_infos: Sequence[dict[str, Any] | None] | None = None,
    **kwargs: Any,
) -> list[dict[str, Any]]:
    """The scores of a batch, for verl's batch reward manager."""
    golds = list(ground_truths)
    grades = MARKED.verify_batch(golds, solution_strs, threads=1)
    return [_row(grade, gold) for grade, gold in zip(grades, golds)]


def _row(grade: Grade, gold: str) -> dict[str, Any]:
    value = score(grade)
    understood = bool(grade) or is_understood(gold)
    # Every row has the same keys with values of the same type: verl stacks them.
    return {
        "score": value,
        "acc": value,
        "pred": grade.extracted or "",
        "reason": grade.reason,
        "gold_understood": float(understood),
    }
