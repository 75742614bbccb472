"""Grades mathematical answers, values steps of solutions, makes step pairs and fits scaling laws.

Equal is said only where equality is shown. `eightfold.values` and `eightfold.pairs` make step pairs with any generator of
yours, `eightfold.scaling` fits, and `eightfold.rewards`, `verl` and `openrlhf` are rewards for trainers.

>>> from eightfold import verify
>>> bool(verify("1/2", "So the answer is \\\\boxed{0.5}."))
True
"""

from ._core import (
    Extracted,
    Grade,
    Grader,
    Grades,
    StepValue,
    extract,
    first_pit,
    normal_form,
    pass_at_k,
    segment,
    step_values,
    token_spans,
    verify,
    verify_batch,
)

__all__ = [
    "Extracted",
    "Grade",
    "Grader",
    "Grades",
    "StepValue",
    "extract",
    "first_pit",
    "normal_form",
    "pass_at_k",
    "segment",
    "step_values",
    "token_spans",
    "verify",
    "verify_batch",
]
