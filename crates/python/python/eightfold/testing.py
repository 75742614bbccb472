"""Laws for a preference loss of your own.

>>> from math import exp, log1p
>>> from eightfold.testing import check_preference_loss
>>> def dpo(chosen, rejected, reference_chosen, reference_rejected):
...     sides = zip(chosen, rejected, reference_chosen, reference_rejected)
...     return [log1p(exp(-0.1 * ((c - r) - (rc - rr)))) for c, r, rc, rr in sides]
>>> check_preference_loss(dpo)

The laws, on log-probabilities summed over tokens, in nats:

- `prefix-cancels`: a prefix that both sides share, scored on both or on neither, changes nothing. Step pairs need it.
- `shift`: a constant added to both references changes nothing.
- `chosen-gradient-sign`: a likelier chosen side never costs more.
- `split-invariant`: the costs of a batch are those of its parts; no pair's cost depends on its batch mates.
- `symmetric-pair`: where both sides are equally likely under both models, their gradients cancel.

Not every good loss obeys all of them. IPO turns back beyond its target (not `chosen-gradient-sign`), and losses that divide by
length or watch one side alone see the prefix.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

__all__ = ["LAWS", "LawBroken", "Pair", "check_preference_loss"]

#: The names of all laws.
LAWS = ("prefix-cancels", "shift", "chosen-gradient-sign", "split-invariant", "symmetric-pair")

#: How far a side is moved for a gradient, in nats.
_STEP = 1e-3


class Pair(NamedTuple):
    """Log-probabilities of one pair, in nats, none above 0."""

    chosen: float
    rejected: float
    reference_chosen: float
    reference_rejected: float


class LawBroken(AssertionError):
    """A law does not hold, with the smallest case that was found."""

    def __init__(self, law: str, pairs: list[Pair], moved: float, found: float, expected: str) -> None:
        rows = "".join(f"\n  {pair}" for pair in pairs)
        what = {"prefix-cancels": "with a prefix (under the reference half) of log-probability", "shift": "with both references shifted by"}.get(law)
        case = f"\n  {what} {moved:g}" if what else ""
        super().__init__(f"{law}: found {found:.9g}, expected {expected}, at{rows}{case}")
        self.law, self.pairs, self.moved, self.found, self.expected = law, pairs, moved, found, expected


class _Case(NamedTuple):
    pairs: list[Pair]
    #: The log-probability of a prefix, or a shift.
    moved: float


def check_preference_loss(
    loss: Callable[..., Any],
    laws: Sequence[str] = LAWS,
    *,
    array: Callable[[list[float]], Any] | None = None,
    reduction: Literal["none", "sum", "mean"] = "none",
    cases: int = 200,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> None:
    """Raises `LawBroken` with a small counter-example where a law fails; says nothing where none was found to.

    `loss` takes four columns: log-probabilities of the chosen and of the rejected sides under the policy, then under the
    reference. It returns the cost of each pair, or one number where `reduction` is "sum" or "mean". `array` makes a column
    of a list, such as `lambda values: torch.tensor(values, dtype=torch.float64)`; lists are given as they are if it is
    None. Gradients are finite differences, so columns should be in double precision. `tolerance` is absolute below 1 and
    relative above.
    """
    if not callable(loss):
        raise TypeError(f"loss: expected a callable, found {type(loss).__name__}")
    if isinstance(laws, str):
        raise TypeError("laws: expected a list of names, found str")
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(f"reduction: `{reduction}` is none of `none`, `sum` and `mean`")
    unknown = [law for law in laws if law not in LAWS]
    if unknown:
        raise ValueError(f"laws: `{unknown[0]}` is none of {', '.join(LAWS)}")
    held = _Held(loss, array, reduction, tolerance)
    for law in laws:
        for case in _cases(law, cases, random.Random(f"{seed} {law}")):
            if held.fault(law, case) is not None:
                small = _shrink(case, lambda case: held.fault(law, case) is not None)
                fault = held.fault(law, small)
                assert fault is not None
                raise LawBroken(law, small.pairs, small.moved, *fault)


def _cases(law: str, count: int, draw: random.Random) -> Iterator[_Case]:
    """Simple cases first."""
    for i in range(count):
        most = 2 + i // 10
        rows = 1 + i % 4 if law == "split-invariant" else 1
        pairs = [Pair(*(_drawn(draw, most, whole=i % 2 == 0) for _ in Pair._fields)) for _ in range(rows)]
        if law == "symmetric-pair":
            pairs = [Pair(pair.chosen, pair.chosen, pair.reference_chosen, pair.reference_chosen) for pair in pairs]
        yield _Case(pairs, -draw.uniform(0, most) if i % 2 else float(-draw.randint(1, most)))


def _drawn(draw: random.Random, most: int, whole: bool) -> float:
    return float(-draw.randint(0, most)) if whole else -draw.uniform(0, most)


class _Held:
    """A loss, held to its laws."""

    def __init__(self, loss: Callable[..., Any], array: Any, reduction: str, tolerance: float) -> None:
        self.loss, self.array, self.reduction, self.tolerance = loss, array or list, reduction, tolerance

    def costs(self, pairs: list[Pair]) -> list[float]:
        """The cost of each pair, or one cost of all."""
        columns = [self.array([float(value) for value in column]) for column in zip(*pairs)]
        returned = self.loss(*columns)
        plain = returned.tolist() if hasattr(returned, "tolist") else returned
        found = list(plain) if isinstance(plain, (list, tuple)) else [plain]
        expected = len(pairs) if self.reduction == "none" else 1
        if len(found) != expected or not all(isinstance(cost, (int, float)) for cost in found):
            raise ValueError(f"loss: expected {expected} cost(s) of {len(pairs)} pair(s) (`reduction` says which), found {plain!r}")
        return [float(cost) for cost in found]

    def total(self, pairs: list[Pair]) -> float:
        """The sum of the costs."""
        return sum(self.costs(pairs)) * (len(pairs) if self.reduction == "mean" else 1)

    def slope(self, pair: Pair, side: str) -> float:
        """The derivative by the log-probability of a side."""
        at = getattr(pair, side)
        above, below = pair._replace(**{side: at + _STEP}), pair._replace(**{side: at - _STEP})
        return (self.total([above]) - self.total([below])) / (2 * _STEP)

    def fault(self, law: str, case: _Case) -> tuple[float, str] | None:
        """What was found and what was expected, where the law fails."""
        pairs, moved = case
        if law == "prefix-cancels":
            return self.unlike(self.total([_prefixed(pair, moved) for pair in pairs]), self.total(pairs))
        if law == "shift":
            shifted = [
                pair._replace(
                    reference_chosen=pair.reference_chosen + moved, reference_rejected=pair.reference_rejected + moved
                )
                for pair in pairs
            ]
            return self.unlike(self.total(shifted), self.total(pairs))
        if law == "split-invariant":
            return self.unlike(self.total(pairs), sum(self.total([pair]) for pair in pairs))
        # A difference loses digits: gradients are held to less.
        chosen, least = self.slope(pairs[0], "chosen"), max(self.tolerance, 1e-6) * 10
        if law == "chosen-gradient-sign":
            return None if chosen <= least else (chosen, "a gradient of the chosen side that is not above 0")
        rejected = self.slope(pairs[0], "rejected")
        alike = abs(chosen + rejected) <= least * max(1.0, abs(chosen))
        return None if alike else (chosen + rejected, "gradients of both sides that add up to 0")

    def unlike(self, found: float, expected: float) -> tuple[float, str] | None:
        """A fault where the two differ, or are no numbers."""
        same = math.isfinite(found) and abs(found - expected) <= self.tolerance * max(1.0, abs(expected))
        return None if same else (found, f"{expected:.9g}")


def _prefixed(pair: Pair, prefix: float) -> Pair:
    """The pair with a prefix on both sides, whose log-probability under the reference is half of that under the policy."""
    return Pair(
        pair.chosen + prefix,
        pair.rejected + prefix,
        pair.reference_chosen + prefix / 2,
        pair.reference_rejected + prefix / 2,
    )


def _shrink(case: _Case, fails: Callable[[_Case], bool]) -> _Case:
    """A smaller case that fails too: fewer pairs, then numbers that are 0, whole, or half as far from 0."""
    while True:
        smaller = next((other for other in _smaller(case) if fails(other)), None)
        if smaller is None:
            return case
        case = smaller


def _smaller(case: _Case) -> Iterator[_Case]:
    pairs, moved = case
    if len(pairs) > 1:
        for i in range(len(pairs)):
            yield _Case(pairs[:i] + pairs[i + 1 :], moved)
    for number in _simpler(moved):
        if number != 0:
            yield _Case(pairs, number)
    for i, pair in enumerate(pairs):
        groups: list[tuple[str, ...]] = [(field,) for field in Pair._fields]
        if pair.chosen == pair.rejected and pair.reference_chosen == pair.reference_rejected:
            groups = [("chosen", "rejected"), ("reference_chosen", "reference_rejected")]
        for fields in groups:
            for number in _simpler(getattr(pair, fields[0])):
                smaller = pair._replace(**{field: number for field in fields})
                yield _Case(pairs[:i] + [smaller] + pairs[i + 1 :], moved)


def _simpler(number: float) -> Iterator[float]:
    """Numbers nearer to 0, each after its simpler rivals. All are whole or of whole parts, so that shrinking ends."""
    if number == 0:
        return
    yield 0.0
    whole = float(math.ceil(number))
    if whole != number:
        yield whole
    else:
        yield float(math.ceil(number / 2))
        yield number + 1
