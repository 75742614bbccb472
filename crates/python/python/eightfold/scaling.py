"""Scaling laws: fits with intervals, and how many times the data one method needs for the error of another.

>>> from eightfold.scaling import fit, data_multiplier
>>> n = [64, 128, 256, 512, 1024]
>>> power = fit("power", x=n, y=[2 * n**-0.5 for n in n], bootstrap=0)
>>> round(power.params["a"], 6)
0.5

Columns are lists, arrays or Series. Arrays come back where NumPy is installed, and lists where it is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from . import _core
from ._rows import size

__all__ = ["Fit", "Law", "Ratio", "data_multiplier", "fit", "laws"]


class Law(NamedTuple):
    """A law that can be fitted."""

    name: str
    formula: str
    #: Its inputs: `x` has a column for each.
    inputs: tuple[str, ...]


def laws() -> list[Law]:
    """Every law."""
    return [Law(name, formula, tuple(inputs)) for name, formula, inputs in _core.law_names()]


class Fit:
    """A fitted law. It can be pickled: it is fitted again, to the same result."""

    def __init__(self, **settings: Any) -> None:
        """What `fit` does."""
        self._settings = settings
        self._found = _core.fit_law(**settings)
        #: The name of the law.
        self.law: str = settings["law"]
        #: The parameters by name; a floor on its bound is 0.
        self.params: dict[str, float] = dict(self._found.params)
        #: The formula, as text.
        self.formula: str = self._found.formula
        #: The objective at the parameters, a sum over points.
        self.value: float = self._found.value
        #: How badly the parameters can be told apart: the condition number of the scaled curvature; 1 is best.
        self.condition: float = self._found.condition
        #: How many points count.
        self.points: int = self._found.points
        #: Parameters that these points do not determine.
        self.weak: list[str] = self._found.weak
        #: The share of resamples that could not be fitted.
        self.failed: float = self._found.failed

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._settings,)

    def __repr__(self) -> str:
        params = ", ".join(f"{name}={value:.4g}" for name, value in self.params.items())
        return f"Fit({self.law}: {params}; {self.points} points)"

    def interval(self, name: str, kind: Literal["percentile", "bca", "student"] = "percentile") -> tuple[float, float]:
        """The interval of a parameter over resamples. Over few seeds it covers less than its level says.

        "student" needs a standard error of the fit; the ends are NaN where it has none.
        """
        return self._found.interval(name, kind)

    def predict(self, x: Any) -> Any:
        """The law's values at a grid, or at a number; for several inputs `x` has a column for each."""
        if isinstance(x, (int, float)):
            return self._found.predict([[float(x)]])[0]
        return _array(self._found.predict(_points(x, self._inputs())))

    def band(self, x: Any) -> tuple[Any, Any]:
        """The lower and upper ends of percentile intervals of the law's values at a grid."""
        low, high = self._found.band(_points(x, self._inputs()))
        return _array(low), _array(high)

    def _inputs(self) -> int:
        return len(self._settings["x"])


def _again(settings: dict[str, Any]) -> Fit:
    return Fit(**settings)


def fit(
    law: str,
    *,
    x: Any,
    y: Any,
    seed: Any = None,
    weight: Any = None,
    objective: str = "huber:1e-3",
    bootstrap: int = 4000,
    level: float = 0.95,
    floor: float | None = None,
    resampling_seed: int = 0,
) -> Fit:
    """Fits `law` to points; `laws()` has the names.

    `x` is the column of sizes (for several inputs, a column for each), `y` the measured errors, and `weight` how many
    points each row counts for. With `seed`, a label for each row, whole seeds are resampled, which is right where runs of
    one seed share data or problems; without it single points are. The objective is "huber:DELTA", "log-squares",
    "squares" or "binomial:TRIALS", summed over points. Measured values below `floor` are raised to it.
    """
    law = _text("law", law)
    known = {known.name: known for known in laws()}
    several = law in known and len(known[law].inputs) > 1
    columns = [_numbers(f"x[{i}]", column) for i, column in enumerate(_items("x", x))] if several else [_numbers("x", x)]
    measured = _numbers("y", y)
    if floor is not None:
        least = _number("floor", floor)
        measured = [max(value, least) if value >= 0 else value for value in measured]
    return Fit(
        law=law,
        x=columns,
        y=measured,
        weights=None if weight is None else _numbers("weight", weight),
        seeds=None if seed is None else _labels({"seed": seed})["seed"],
        objective=_text("objective", objective),
        resamples=size("bootstrap", bootstrap, 10**8),
        level=_level(level),
        resampling_seed=size("resampling_seed", resampling_seed, 2**64),
    )


class Ratio(NamedTuple):
    """How many times the data: a value where both curves were measured, else a bound. Nothing is extrapolated."""

    #: The ratio or its bound; None where neither curve was measured.
    value: float | None
    #: The lower end of what is known, 0 if nothing.
    low: float
    #: The upper end of what is known, infinite if nothing.
    high: float
    kind: Literal["exact", "at least", "at most", "not measured"]
    #: The share of resamples in which it is only a bound.
    censored: float = 0.0
    #: The share of resamples that could not be fitted.
    failed: float = 0.0

    def __str__(self) -> str:
        if self.value is None:
            return "not measured"
        sign = {"exact": "", "at least": "> ", "at most": "< "}[self.kind]
        return f"{sign}{self.value:.2f}x [{self.low:.2f}, {self.high:.2f}]"


def data_multiplier(
    baseline: Any,
    method: Any,
    *,
    at: float | None = None,
    error: float | tuple[float, float] | None = None,
    x: str = "n",
    y: str = "error",
    pair_by: str = "seed",
    reading: str = "isotonic",
    objective: str = "huber:1e-3",
    interval: Literal["t", "percentile"] = "t",
    level: float = 0.95,
    bootstrap: int = 2000,
    floor: float | None = None,
    resampling_seed: int = 0,
) -> Ratio:
    """How many times the data `baseline` needs for the error that `method` has.

    Both are data frames or mappings with the columns `x`, `y` and `pair_by`: size, error, and the seed by which runs are
    paired. The ratio is taken at the method's error with `at` data, or where both have this `error`, or as the geometric
    mean over a range of errors (low, high), to be declared beforehand. Curves are read by straight lines between isotonic
    means, or by a law if `reading` names one. `interval` is over the seeds' own ratios ("t": the one to decide by where
    seeds are few), or over resamples of seeds ("percentile"). An error of 0 is refused unless there is a `floor`, such as
    half a test problem.
    """
    if (at is None) == (error is None):
        raise TypeError("at, error: give one of the two")
    place, where = "size", (0.0, 0.0)
    if at is not None:
        where = (_number("at", at), 0.0)
    elif isinstance(error, (tuple, list)):
        if len(error) != 2:
            raise ValueError("error: expected a number, or (low, high)")
        place, where = "errors", (_number("error[0]", error[0]), _number("error[1]", error[1]))
    else:
        place, where = "error", (_number("error", error), 0.0)
    tables = {"baseline": baseline, "method": method}
    seeds = _labels({name: _column(name, table, pair_by) for name, table in tables.items()})
    runs = {}
    for name, table in tables.items():
        sizes = _numbers(f"{name}[{x!r}]", _column(name, table, x))
        errors = _numbers(f"{name}[{y!r}]", _column(name, table, y))
        if not len(sizes) == len(errors) == len(seeds[name]):
            raise ValueError(f"{name}: columns of {len(sizes)}, {len(errors)} and {len(seeds[name])} rows")
        if floor is None and any(value == 0 for value in errors):
            raise ValueError(f"{name}[{y!r}]: an error of 0 has no logarithm; give a `floor`, such as half a test problem")
        runs[name] = list(zip(sizes, seeds[name], errors))
    kind, value, low, high, censored, failed = _core.data_ratio(
        runs["baseline"],
        runs["method"],
        reading=_text("reading", reading),
        objective=_text("objective", objective),
        place=place,
        at=where,
        interval=_text("interval", interval),
        level=_level(level),
        resamples=size("bootstrap", bootstrap, 10**8),
        resampling_seed=size("resampling_seed", resampling_seed, 2**64),
        floor=2.2250738585072014e-308 if floor is None else _number("floor", floor),
    )
    return Ratio(value, low, high, kind, censored, failed)


def _column(name: str, table: Any, key: str) -> Any:
    try:
        return table[_text("column", key)]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"{name}: no column {key!r}") from error


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected str, found {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name}: a lone surrogate, which no text in UTF-8 has") from None
    return value


def _number(name: str, value: Any) -> float:
    if isinstance(value, (str, bytes, bool)) or not hasattr(value, "__float__"):
        raise TypeError(f"{name}: expected a number, found {type(value).__name__}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name}: too large for a float") from None


def _level(level: Any) -> float:
    found = _number("level", level)
    if not 0 < found < 1:
        raise ValueError("level: expected a number between 0 and 1, as 0.95")
    return found


def _items(name: str, values: Any) -> list[Any]:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise TypeError(f"{name}: expected a column, found {type(values).__name__}")
    return list(values)


def _numbers(name: str, values: Any) -> list[float]:
    found = [_number(f"{name}[{i}]", value) for i, value in enumerate(_items(name, values))]
    for i, value in enumerate(found):
        if not math.isfinite(value):
            raise ValueError(f"{name}[{i}]: {value} is not finite")
    return found


def _labels(columns: Mapping[str, Any]) -> dict[str, list[int]]:
    """A number for each label, the same in all columns: the label itself if all are ints from 0."""
    lists = {name: [getattr(label, "item", lambda label=label: label)() for label in _items(name, column)]
             for name, column in columns.items()}
    everything = [label for column in lists.values() for label in column]
    if all(type(label) is int and 0 <= label < 2**64 for label in everything):
        return lists
    try:
        place = {label: i for i, label in enumerate(sorted(set(everything), key=lambda label: (str(label), repr(label))))}
    except TypeError as error:
        raise TypeError(f"{', '.join(columns)}: seeds must be ints or texts: {error}") from error
    return {name: [place[label] for label in column] for name, column in lists.items()}


def _points(x: Any, inputs: int) -> list[list[float]]:
    if inputs == 1:
        return [[value] for value in _numbers("x", x)]
    columns = [_numbers(f"x[{i}]", column) for i, column in enumerate(_items("x", x))]
    if len(columns) != inputs or len({len(column) for column in columns}) != 1:
        raise ValueError(f"x: expected {inputs} columns of one length")
    return [list(point) for point in zip(*columns)]


def _array(values: Sequence[float]) -> Any:
    try:
        import numpy
    except ImportError:
        return list(values)
    return numpy.array(values)
