"""Preference pairs at first pits, and other training data, from valued samples.

>>> from eightfold.pairs import make, to_trl
>>> right = {"id": "a", "sample": 0, "question": "1 + 1?", "completion": "#### 2", "verdict": "equal"}
>>> wrong = {**right, "sample": 1, "completion": "#### 3", "verdict": "different", "steps": [[0, 6]],
...          "values": [], "rollouts": [], "first_pit": 0}
>>> to_trl(make([right, wrong]))
[{'prompt': '1 + 1?\\n', 'chosen': '#### 2', 'rejected': '#### 3'}]
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from . import _core
from ._rows import encode, iterate, size

__all__ = ["Pairs", "make", "to_trl"]


class Pairs(Iterator[dict[str, Any]]):
    """The rows that `make` makes, one by one; `counts` says what became of the others so far."""

    def __init__(self, rows: Iterator[dict[str, Any]], counts: Counter[str]) -> None:
        self._rows = rows
        #: How many samples, problems and pits gave nothing, or something to know about, by what it was.
        self.counts = counts

    def __next__(self) -> dict[str, Any]:
        return next(self._rows)


def make(
    valued: Iterable[Mapping[str, Any]],
    *,
    rule: str = "shared-prefix",
    known: Mapping[str, str] | None = None,
    by: str = "lines",
    cap: int | None = None,
    as_drawn: bool = False,
    seed: int = 0,
) -> Pairs:
    """Pairs, or examples, as `eightfold pairs` makes them; the samples of one problem follow each other.

    The rules: `shared-prefix` (after the steps before the first pit, the shortest right continuation against the pit
    step), `shared-prefix-step` (its first step alone), `full-solution-vs-pit`, `response` and `highest-edit-distance`
    (whole solutions), and for examples to imitate `rft` and `chosen-only`. `known` has reference solutions by `id`, for
    problems without a right sample. `cap` limits the rows of each problem (8 for whole solutions and 4 for `rft` if it is
    None, else all). Where a side does not end (`chosen_ends`, `rejected_ends`), a model must not be trained to end there.
    """
    size("seed", seed, 2**64)
    if known is not None and not isinstance(known, Mapping):
        raise TypeError(f"known: expected a mapping from id to solution, found {type(known).__name__}")
    solutions = {} if known is None else {str(key): solution for key, solution in known.items()}
    counts: Counter[str] = Counter()

    def of(texts: list[str], known: str | None, first: int) -> list[str]:
        lines, counted = _core.pair_rows(
            texts, rule=rule, known=known, by=by, cap=cap, as_drawn=as_drawn, seed=seed, first=first
        )
        counts.update(counted)
        return lines

    def rows() -> Iterator[dict[str, Any]]:
        for first, group in _groups(source):
            texts = [encode("valued", first + i, row) for i, row in enumerate(group)]
            for line in of(texts, solutions.get(str(group[0].get("id"))), first):
                yield json.loads(line)

    of([], None, 0)  # Settings are checked before any sample is read.
    source = iterate("valued", valued)
    return Pairs(rows(), counts)


def _groups(rows: Iterator[Mapping[str, Any]]) -> Iterator[tuple[int, list[Mapping[str, Any]]]]:
    """The rows of each problem, with the number of the first."""
    done: dict[str, int] = {}
    first, group = 0, list[Mapping[str, Any]]()
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(f"valued[{number}]: expected a mapping, found {type(row).__name__}")
        name = str(row.get("id"))
        if group and str(group[0].get("id")) != name:
            yield first, group
            first, group = number, []
        if not group:
            if name in done:
                raise ValueError(
                    f"valued[{number}]: problem {name} was there at {done[name]}, with others since: sort by `id`"
                )
            done[name] = number
        elif row.get("question") != group[0].get("question"):
            raise ValueError(f"valued[{number}]: key `question`: another question than at {first} of problem {name}")
        if any(row.get("sample") == other.get("sample") for other in group):
            raise ValueError(f"valued[{number}]: sample {row.get('sample')} of problem {name} was there before")
        group.append(row)
    if group:
        yield first, group


def to_trl(
    pairs: Iterable[Mapping[str, Any]],
    *,
    form: Literal["text", "messages"] | None = None,
    keep: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """Pairs in TRL's preference format: `prompt`, `chosen`, `rejected`, and the keys to `keep`.

    `form` says whether they are texts or messages, as the prompt of each pair is if it is None. As texts, the steps that
    both sides continue end the prompt; as messages they begin both sides, where under DPO they cancel.
    """
    if isinstance(keep, str):
        raise TypeError("keep: expected a list of str, found str")
    keys, rows = list(keep), list(iterate("pairs", pairs))
    lines = _core.trl_rows([encode("pairs", i, row) for i, row in enumerate(rows)], form=form, first=0)
    made = [json.loads(line) for line in lines]
    return [{**{key: row[key] for key in keys if key in row}, **new} for row, new in zip(rows, made)]
