"""Rewards for TRL's GRPOTrainer and RLOOTrainer.

>>> from eightfold.rewards import accuracy_reward
>>> accuracy_reward(["so \\\\boxed{0.5}", "so 0.5"], solution=["1/2", "1/2"])
[1.0, 0.0]

Both are plain functions of this module, so that a spawned process can import them. They start no thread and set no
signal, and may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ._core import Grade, Grader
from ._reward import MARKED, is_understood, score, text_of

__all__ = ["accuracy_reward", "reasoning_accuracy_reward"]

# Where reasoning ends is said by an argument here; tags that are left are text.
_AS_GIVEN = Grader(extract="marked", thinking="keep")


def accuracy_reward(
    completions: Sequence[Any],
    solution: Sequence[str],
    log_extra: Callable[[str, list[Any]], None] | None = None,
    log_metric: Callable[[str, float], None] | None = None,
    **kwargs: Any,
) -> list[float | None]:
    """1.0 where the marked answer of a completion is shown to equal the solution's, 0.0 elsewhere.

    None, which the trainer skips, exactly where the solution cannot be read. What is thought aloud is no answer.
    """
    texts = _texts(completions, solution)
    return _reward(MARKED, texts, solution, log_extra, log_metric)


def reasoning_accuracy_reward(
    completions: Sequence[Any],
    solution: Sequence[str],
    reasoning_delimiters: Sequence[str] | None = None,
    log_extra: Callable[[str, list[Any]], None] | None = None,
    log_metric: Callable[[str, float], None] | None = None,
    **kwargs: Any,
) -> list[float | None]:
    """As `accuracy_reward`, of what follows the last delimiter; 0.0 where the reasoning has no end.

    The delimiters are tried in order, and the first that occurs counts; `["</think>"]` if None.
    """
    if isinstance(reasoning_delimiters, str):
        raise TypeError("reasoning_delimiters: expected a list of str, found str")
    delimiters = ["</think>"] if reasoning_delimiters is None else list(reasoning_delimiters)
    texts = [_after(text, delimiters) for text in _texts(completions, solution)]
    return _reward(_AS_GIVEN, texts, solution, log_extra, log_metric)


def _texts(completions: Sequence[Any], solution: Sequence[str]) -> list[str]:
    if isinstance(solution, str):
        raise TypeError("solution: expected a list of str, found str")
    if len(completions) != len(solution):
        raise ValueError(f"solution: {len(solution)} for {len(completions)} completions")
    return [text_of(f"completions[{i}]", completion) for i, completion in enumerate(completions)]


def _after(text: str, delimiters: Sequence[str]) -> str | None:
    for delimiter in delimiters:
        if delimiter in text:
            return text.rsplit(delimiter, 1)[1]
    return None


def _reward(
    grader: Grader,
    texts: Sequence[str | None],
    solution: Sequence[str],
    log_extra: Callable[[str, list[Any]], None] | None,
    log_metric: Callable[[str, float], None] | None,
) -> list[float | None]:
    # A text of None is reasoning without an end: a fault of the response, whatever the solution is.
    grades: list[Grade] = list(grader.verify_batch(solution, [text or "" for text in texts], threads=1))
    understood = {gold: is_understood(gold, grader) for gold in set(solution)}
    rewards: list[float | None] = []
    for text, gold, grade in zip(texts, solution, grades):
        if text is None:
            rewards.append(0.0)
        else:
            rewards.append(score(grade) if understood[gold] else None)
    if log_extra is not None:
        log_extra("solution", list(solution))
        log_extra("answer", [grade.extracted for grade in grades])
        log_extra("reason", [grade.reason for grade in grades])
    counted = [reward for reward in rewards if reward is not None]
    if log_metric is not None and counted:
        log_metric("accuracy", sum(counted) / len(counted))
    return rewards
