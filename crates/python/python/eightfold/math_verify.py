"""The names of Math-Verify 0.9, answered by this package: `from eightfold.math_verify import parse, verify`.

>>> from eightfold.math_verify import parse, verify
>>> verify(parse("$\\\\frac{1}{2}$"), parse("so the answer is \\\\boxed{0.5}"))
True

A near-equal, not the same:

| | Math-Verify | here |
|---|---|---|
| time limit | SIGALRM, only in the main thread | bounded work, in any thread; the arguments are taken and not used |
| `parse(x)[0]` | a SymPy expression, for arithmetic | an `Answer`: its text, compared and printed, no arithmetic |
| a pair that neither proves nor refutes | False, or numerically compared | False |
| decimals | rounded to `float_rounding` places | so too, where the decimal has as many places |
| a box beside "the final answer is" | after it, unless its priority is lower | so too |
| `####` and `<answer>` | text like any other | anchors |
| `extraction_mode="any_match"` | every match is tried in order | the first place that holds an answer is taken |
| numbers that a text merely lists, nothing marked | the last one | none |
| several boxes | the last, or all if side by side | so too |
| `normalization_config`, `numeric_precision`, `strict`, `allow_set_relation_comp` | settings | taken and not used |
| a failure with `raise_on_error` | raised | there is none |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ._core import Extracted, Grader, extract

__all__ = [
    "Answer",
    "ExprExtractionConfig",
    "LatexExtractionConfig",
    "LatexNormalizationConfig",
    "NormalizationConfig",
    "StringExtractionConfig",
    "TimeoutException",
    "math_metric",
    "parse",
    "verify",
]


class TimeoutException(BaseException):
    """Never raised: there is no clock here."""


@dataclass(frozen=True)
class NormalizationConfig:
    """Taken and not used: an answer is read as it is written."""

    basic_latex: bool = True
    units: bool = True
    malformed_operators: bool = True
    nits: bool = True
    boxed: str = "all"
    equations: bool = False


LatexNormalizationConfig = NormalizationConfig


@dataclass(frozen=True)
class LatexExtractionConfig:
    """Formulas are answers: between dollar signs and their kin, or in boxes."""

    #: Whether the last formula counts where nothing marks an answer.
    try_extract_without_anchor: bool = True
    #: Below 50: boxes first. From 50: after "the final answer is". -1: no boxes.
    boxed_match_priority: int = 50
    normalization_config: Any = field(default_factory=NormalizationConfig)


@dataclass(frozen=True)
class ExprExtractionConfig:
    """Numbers and plain expressions are answers."""

    #: Whether the last number counts where nothing marks an answer.
    try_extract_without_anchor: bool = True


@dataclass(frozen=True)
class StringExtractionConfig:
    """A few texts are answers."""

    strings: tuple[str, ...] = ("A", "B", "C", "D")
    #: Whether the last of them counts where nothing marks an answer.
    try_extract_without_anchor: bool = True
    lowercase: bool = True


ExtractionTarget: TypeAlias = LatexExtractionConfig | ExprExtractionConfig | StringExtractionConfig


@dataclass(frozen=True)
class Answer:
    """An answer that was found; `verify` compares what it says."""

    text: str

    def __str__(self) -> str:
        return self.text


_ANCHORS = ["final_answer_is", "answer_is", "answer_colon"]


def parse(
    pred: str,
    extraction_config: Sequence[ExtractionTarget] = (LatexExtractionConfig(), ExprExtractionConfig()),
    fallback_mode: Literal["no_fallback", "first_match"] = "first_match",
    extraction_mode: Literal["first_match", "any_match"] = "any_match",
    parsing_timeout: int | None = 5,
    raise_on_error: bool = False,
) -> list[Any]:
    """The answer of a text: an `Answer` and what it was made of, or nothing."""
    if not isinstance(pred, str):
        raise TypeError(f"pred: expected str, found {type(pred).__name__}")
    for config in extraction_config:
        if isinstance(config, StringExtractionConfig) and (choice := _choice(pred, config)) is not None:
            return [choice, choice]
    found = _found(pred, extraction_config)
    if found is None:
        return []
    text = found.text.strip("$ ") if found.text.startswith("$") else found.text
    return [Answer(text), text]


def _found(pred: str, configs: Sequence[ExtractionTarget]) -> Extracted | None:
    latex = next((config for config in configs if isinstance(config, LatexExtractionConfig)), None)
    expr = next((config for config in configs if isinstance(config, ExprExtractionConfig)), None)
    if latex is None and expr is None:
        return None
    markers = ["tagged", "hashes", *_ANCHORS]
    if latex is not None and latex.boxed_match_priority >= 0:
        at = 0 if latex.boxed_match_priority < 50 else len(markers)
        markers.insert(at, "boxed")
    if expr is not None and expr.try_extract_without_anchor:
        markers.append("whole")
    if latex is not None and latex.try_extract_without_anchor:
        markers.append("last_formula")
    if expr is not None and expr.try_extract_without_anchor:
        markers.append("last_number")
    while markers:
        found = extract(pred, markers, thinking="keep")
        if found is None or expr is not None or found.marker == "boxed" or _is_formula(pred, found):
            return found
        # Formulas alone are asked for, and this is none: the places after it are left.
        markers = markers[markers.index(found.marker) + 1 :]
    return None


def _is_formula(text: str, found: Extracted) -> bool:
    """Whether what was found stands between dollar signs or their kin."""
    signs = ("$", "\\(", "\\[")
    before = text[: found.spans[0][0]].rstrip()
    return found.marker == "last_formula" or found.text.startswith(signs) or before.endswith(signs)


def _choice(pred: str, config: StringExtractionConfig) -> str | None:
    """The choice that a text names, in lower case if the config says so."""
    fold: Callable[[str], str] = str.lower if config.lowercase else str
    choices = {fold(choice): choice for choice in config.strings}
    found = extract(pred, ["boxed", "tagged", *_ANCHORS, "whole"], thinking="keep")
    if found is not None and (named := fold(found.text.strip(" .,:*()$"))) in choices:
        return named
    if not config.try_extract_without_anchor:
        return None
    pattern = r"(?<!\w)(" + "|".join(map(re.escape, config.strings)) + r")(?!\w)"
    places = re.findall(pattern, pred)
    return fold(places[-1]) if places else None


def verify(
    gold: Any,
    target: Any,
    float_rounding: int = 6,
    numeric_precision: int = 15,
    strict: bool = True,
    allow_set_relation_comp: bool = False,
    timeout_seconds: int | None = 5,
    raise_on_error: bool = False,
) -> bool:
    """Whether an answer of gold is shown to equal one of the target's; each is what `parse` returns, or a part of it."""
    if isinstance(float_rounding, bool) or not isinstance(float_rounding, int) or float_rounding < 0:
        raise ValueError("float_rounding: expected an int from 0")
    grader = Grader(preset="math-verify", tolerance=("rounded", float_rounding))
    return any(_same(grader, one, other) for one in _parts(gold) for other in _parts(target))


def _parts(answers: Any) -> list[Any]:
    return list(answers) if isinstance(answers, (list, tuple)) else [answers]


def _same(grader: Grader, gold: Any, target: Any) -> bool:
    if isinstance(gold, str) or isinstance(target, str):
        # A text never equals a value, as in Math-Verify.
        return isinstance(gold, str) and isinstance(target, str) and gold.strip() == target.strip() != ""
    return bool(grader.verify(str(gold), str(target), form="answer"))


def math_metric(
    gold_extraction_target: Sequence[ExtractionTarget] = (ExprExtractionConfig(),),
    pred_extraction_target: Sequence[ExtractionTarget] = (ExprExtractionConfig(),),
    aggregation_function: Callable[[list[float]], float] = max,
    precision: int = 6,
) -> Callable[[list[str], list[str]], tuple[float, tuple[list[str], list[str]] | None]]:
    """A function of gold texts and predictions: the score, and what was found in each."""

    def score(golds: list[str], predictions: list[str]) -> tuple[float, tuple[list[str], list[str]] | None]:
        wanted = [parse(gold, gold_extraction_target) for gold in golds]
        found = [parse(prediction, pred_extraction_target) for prediction in predictions]
        if any(not gold for gold in wanted):
            raise ValueError(f"golds: no answer in at least one of {golds!r}")
        scores = [float(any(verify(gold, one, precision) for gold in wanted)) for one in found]
        texts = ([str(part) for gold in wanted for part in gold], [str(part) for one in found for part in one])
        return aggregation_function(scores), texts

    return score
