"""Types of what is written in Rust."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias, final, overload

_Verdict: TypeAlias = Literal["equal", "different", "undecided"]
_Form: TypeAlias = Literal["response", "answer"]
_Tolerance: TypeAlias = str | tuple[Literal["rounded"], int] | tuple[Literal["relative"], float]
_Extract: TypeAlias = Literal["marked", "flexible"]
_Thinking: TypeAlias = Literal["strip", "keep"]
_Units: TypeAlias = Literal["as-written", "convert"]
_By: TypeAlias = Literal["lines", "sentences", "numbered", "paragraphs"]
_Spans: TypeAlias = Iterable[Sequence[int]]
_Preset: TypeAlias = Literal["math-verify"]

__all__ = [
    "Grade",
    "Grades",
    "Extracted",
    "Grader",
    "StepValue",
    "extract",
    "normal_form",
    "verify",
    "verify_batch",
    "LawFit",
    "data_ratio",
    "fit_law",
    "law_names",
    "pair_rows",
    "trl_rows",
    "value_rows",
    "first_pit",
    "pass_at_k",
    "segment",
    "step_values",
    "token_spans",
    "run",
]

@final
class Grade:
    def __new__(
        cls,
        verdict: _Verdict,
        reason: str,
        gold: str,
        extracted: str | None = None,
        spans: Sequence[tuple[int, int]] = ...,
        marker: str | None = None,
        unread: str | None = None,
    ) -> Grade: ...
    @property
    def verdict(self) -> _Verdict: ...
    @property
    def reason(self) -> str: ...
    @property
    def explanation(self) -> str: ...
    @property
    def gold(self) -> str: ...
    @property
    def gold_understood(self) -> bool: ...
    @property
    def unread(self) -> Literal["gold", "prediction", "both"] | None: ...
    @property
    def extracted(self) -> str | None: ...
    @property
    def spans(self) -> list[tuple[int, int]]: ...
    @property
    def marker(self) -> str | None: ...
    @property
    def guessed(self) -> bool: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __getnewargs__(self) -> tuple[Any, ...]: ...

@final
class Grades:
    def __new__(cls, grades: Sequence[Grade]) -> Grades: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> Grade: ...
    @overload
    def __getitem__(self, index: slice, /) -> Grades: ...
    def __iter__(self) -> Iterator[Grade]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def scores(self) -> list[float]: ...
    def counts(self) -> dict[str, int]: ...
    def columns(self) -> dict[str, list[Any]]: ...
    def __getnewargs__(self) -> tuple[list[Grade]]: ...

@final
class Grader:
    def __new__(
        cls,
        *,
        tolerance: _Tolerance | None = None,
        ordered: bool | None = None,
        extract: _Extract | None = None,
        markers: Iterable[str] | None = None,
        thinking: _Thinking | None = None,
        units: _Units | None = None,
        choices: Iterable[str] | None = None,
        preset: _Preset | None = None,
        fuel: int | None = None,
    ) -> Grader: ...
    @property
    def options(self) -> dict[str, Any]: ...
    def verify(self, gold: str, pred: str, *, form: _Form | None = None) -> Grade: ...
    def verify_batch(
        self,
        golds: Iterable[str],
        preds: Iterable[str],
        *,
        form: _Form | None = None,
        threads: int | None = None,
    ) -> Grades: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...

@final
class Extracted:
    @property
    def text(self) -> str: ...
    @property
    def marker(self) -> str: ...
    @property
    def spans(self) -> list[tuple[int, int]]: ...
    @property
    def guessed(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

@final
class StepValue:
    def __new__(
        cls,
        step: int,
        q: float,
        low: float,
        high: float,
        rollouts: int,
        correct: int,
        advantage: float | None = None,
    ) -> StepValue: ...
    @property
    def step(self) -> int: ...
    @property
    def q(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def rollouts(self) -> int: ...
    @property
    def correct(self) -> int: ...
    @property
    def advantage(self) -> float | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __getnewargs__(self) -> tuple[int, float, float, float, int, int, float | None]: ...

def verify(
    gold: str,
    pred: str,
    *,
    form: _Form | None = None,
    tolerance: _Tolerance | None = None,
    ordered: bool | None = None,
    extract: _Extract | None = None,
    markers: Iterable[str] | None = None,
    thinking: _Thinking | None = None,
    units: _Units | None = None,
    choices: Iterable[str] | None = None,
    preset: _Preset | None = None,
    fuel: int | None = None,
) -> Grade: ...
def verify_batch(
    golds: Iterable[str],
    preds: Iterable[str],
    *,
    form: _Form | None = None,
    threads: int | None = None,
    tolerance: _Tolerance | None = None,
    ordered: bool | None = None,
    extract: _Extract | None = None,
    markers: Iterable[str] | None = None,
    thinking: _Thinking | None = None,
    units: _Units | None = None,
    choices: Iterable[str] | None = None,
    preset: _Preset | None = None,
    fuel: int | None = None,
) -> Grades: ...
def extract(
    response: str, markers: Iterable[str] | None = None, *, thinking: _Thinking | None = None
) -> Extracted | None: ...
def normal_form(answer: str) -> str: ...

def segment(
    text: str, by: _By | None = None, *, shortest: int | None = None, most: int | None = None
) -> list[tuple[int, int]]: ...
def token_spans(spans: _Spans, offsets: _Spans) -> list[tuple[int, int]]: ...
def pass_at_k(draws: int, successes: int, k: int) -> float: ...
def step_values(
    outcomes: Iterable[Iterable[bool]],
    *,
    best_of: int | None = None,
    level: float | None = None,
    question: Iterable[bool] | None = None,
    correct: bool | None = None,
) -> list[StepValue]: ...
def first_pit(
    outcomes: Iterable[Iterable[bool]],
    *,
    rule: str | None = None,
    k: int | None = None,
    best_of: int | None = None,
    question: Iterable[bool] | None = None,
    steps: int | None = None,
) -> int | None: ...
def value_rows(
    rows: Iterable[str],
    generate: Callable[[list[str], list[int]], Iterable[Any]],
    *,
    verify: Grader | Callable[[str, str], bool] | None,
    by: str | None,
    draws: int,
    best_of: int | None,
    until_pit: bool,
    question: bool,
    pit: str,
    level: float | None,
    seed: int,
    render: Callable[[list[dict[str, str]]], str] | None,
    first: int,
) -> list[str]: ...
def pair_rows(
    rows: Iterable[str],
    *,
    rule: str,
    known: str | None,
    by: str | None,
    cap: int | None,
    as_drawn: bool,
    seed: int,
    first: int,
) -> tuple[list[str], dict[str, int]]: ...
def trl_rows(rows: Iterable[str], *, form: str | None, first: int) -> list[str]: ...
@final
class LawFit:
    @property
    def params(self) -> list[tuple[str, float]]: ...
    @property
    def formula(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def condition(self) -> float: ...
    @property
    def points(self) -> int: ...
    @property
    def weak(self) -> list[str]: ...
    @property
    def failed(self) -> float: ...
    def interval(self, /, name: str, kind: str) -> tuple[float, float]: ...
    def predict(self, /, points: Sequence[Sequence[float]]) -> list[float]: ...
    def band(self, /, points: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]: ...

def law_names() -> list[tuple[str, str, list[str]]]: ...
def fit_law(
    law: str,
    x: Sequence[Sequence[float]],
    y: Sequence[float],
    *,
    weights: Sequence[float] | None,
    seeds: Sequence[int] | None,
    objective: str,
    resamples: int,
    level: float,
    resampling_seed: int,
) -> LawFit: ...
def data_ratio(
    baseline: Sequence[tuple[float, int, float]],
    method: Sequence[tuple[float, int, float]],
    *,
    reading: str,
    objective: str,
    place: str,
    at: tuple[float, float],
    interval: str,
    level: float,
    resamples: int,
    resampling_seed: int,
    floor: float,
) -> tuple[Literal["exact", "at least", "at most", "not measured"], float | None, float, float, float, float]: ...
def run(args: Sequence[str]) -> int: ...
