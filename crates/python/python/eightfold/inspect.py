"""A scorer for Inspect: `scorer=math_answer()` in a task."""

from __future__ import annotations

from typing import Any

from ._core import Grade, Grader

__all__ = ["math_answer"]


def math_answer(**options: Any) -> Any:
    """Correct where the answer of the output is shown to equal one of the targets.

    The options are those of `Grader`; `extract="marked"` takes no guesses. An output without an answer is scored as one, and
    the explanation says why, or that no target could be read.
    """
    from inspect_ai.scorer import (  # type: ignore[import-not-found, unused-ignore]
        CORRECT,
        INCORRECT,
        NOANSWER,
        Score,
        accuracy,
        scorer,
        stderr,
    )

    grader = Grader(**options)

    def build() -> Any:
        async def score(state: Any, target: Any) -> Any:
            grades = [grader.verify(gold, state.output.completion) for gold in target]
            best = _best(grades)
            if best is None:
                return Score(value=INCORRECT, explanation="there is no target")
            wrong = NOANSWER if best.extracted is None else INCORRECT
            return Score(value=CORRECT if best else wrong, answer=best.extracted, explanation=best.explanation)

        return score

    return scorer(metrics=[accuracy(), stderr()], name="math_answer")(build)()


def _best(grades: list[Grade]) -> Grade | None:
    """The first that is equal, else the first."""
    return next((grade for grade in grades if grade), grades[0] if grades else None)
