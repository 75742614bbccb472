"""Grades mathematical answers: equal is said only where equality is shown.

>>> from eightfold import verify
>>> bool(verify("1/2", "So the answer is \\\\boxed{0.5}."))
True
"""

from ._core import (
    Extracted,
    Grade,
    Grader,
    Grades,
    extract,
    normal_form,
    verify,
    verify_batch,
)

__all__ = [
    "Extracted",
    "Grade",
    "Grader",
    "Grades",
    "extract",
    "normal_form",
    "verify",
    "verify_batch",
]
