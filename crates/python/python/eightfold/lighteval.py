"""A metric for lighteval: `metrics=[math_answer()]` in a task's config."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._core import Grader

__all__ = ["math_answer"]


def math_answer(name: str = "math_answer", **options: Any) -> Any:
    """1.0 where the answer of one of the responses is shown to equal a gold one's, 0.0 elsewhere; the mean over the corpus.

    The options are those of `Grader`; `extract="marked"` takes no guesses.
    """
    from lighteval.metrics.metrics_sample import (  # type: ignore[import-not-found, unused-ignore]
        SampleLevelComputation,
    )
    from lighteval.metrics.utils.metric_utils import (  # type: ignore[import-not-found, unused-ignore]
        SampleLevelMetric,
    )
    from lighteval.tasks.requests import SamplingMethod  # type: ignore[import-not-found, unused-ignore]

    grader = Grader(**options)

    class Computation(SampleLevelComputation):  # type: ignore[misc, unused-ignore]
        """Grades the responses to one document."""

        def compute(self, doc: Any, model_response: Any, **kwargs: Any) -> float:
            golds, texts = doc.get_golds(), model_response.final_text
            return float(any(grader.verify(gold, text) for text in texts for gold in golds))

    return SampleLevelMetric(
        metric_name=name,
        sample_level_fn=Computation(),
        category=SamplingMethod.GENERATIVE,
        corpus_level_fn=_mean,
        higher_is_better=True,
    )


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)
