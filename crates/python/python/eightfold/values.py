"""The search for values and first pits, with any generator of yours.

>>> from eightfold.values import search
>>> sample = {"id": "a", "sample": 0, "question": "1 + 1?", "answer": "2", "completion": "1 + 1 = 3\\n#### 3"}
>>> def generate(prompts, seeds):
...     return ["#### 2" if prompt.endswith("1 + 1?\\n") else "#### 3" for prompt in prompts]
>>> [valued] = search([sample], generate)
>>> valued["verdict"], valued["first_pit"]
('different', 0)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from . import _core
from ._core import Grader
from ._rows import batches, encode, size

__all__ = ["Completion", "search"]


class Completion(NamedTuple):
    """What a model wrote after a prompt."""

    #: The text after the prompt.
    text: str
    #: Whether the model ended it; a text that was cut at the longest length has not succeeded.
    finished: bool = True
    #: Its tokens, 0 where they are not counted.
    tokens: int = 0


def search(
    samples: Iterable[Mapping[str, Any]],
    generate: Callable[[list[str], list[int]], Iterable[str | Completion]],
    *,
    verify: Grader | Callable[[str, str], bool] | None = None,
    by: str = "lines",
    draws: int = 5,
    best_of: int = 5,
    until_pit: bool = True,
    question: bool = False,
    pit: str = "lowest-q",
    level: float = 0.95,
    seed: int = 0,
    render: Callable[[list[dict[str, str]]], str] | None = None,
    batch: int = 256,
) -> Iterator[dict[str, Any]]:
    """Samples with the values of their steps, as `eightfold value` makes them.

    A sample has the keys `id`, `sample`, `question`, `answer` and `completion`. It may have `prompt` (a text, or messages
    of which `render` makes a text, such as `tokenizer.apply_chat_template`; the question and a line break without it),
    `verdict` and `steps`; what it lacks of these two is added, together with `values`, `first_pit` and `rollouts`.

    `generate` gets prompts, each with the steps so far, and a seed for each. It returns a completion of each prompt, in
    order: a str, or a `Completion`. It is called a few times for each `batch` of samples, with many prompts at once.
    The same prompt and seed stand for the same draw, whatever the batch is.

    `verify` says what counts as right: a `Grader` (by default one that takes only marked answers), or a callable of the
    answer and the whole solution. `draws` rollouts go on from each prefix, whose value is the chance that the best of
    `best_of` is right. With `until_pit` a sample is left alone once its first pit by the rule `pit` is settled; `question`
    values the bare question too.

    Whatever `generate`, `verify` or `samples` raises is raised, and of a batch nothing is yielded before all of it is done.
    """
    size("seed", seed, 2**64)
    if size("batch", batch) == 0:
        raise ValueError("batch: expected an int of at least 1")

    def value(texts: Sequence[str], first: int) -> list[str]:
        return _core.value_rows(
            texts,
            generate,
            verify=verify,
            by=by,
            draws=draws,
            best_of=best_of,
            until_pit=until_pit,
            question=question,
            pit=pit,
            level=level,
            seed=seed,
            render=render,
            first=first,
        )

    value([], 0)  # Settings are checked before any sample is read.
    return _search(batches("samples", samples, batch), value)


def _search(
    rows: Iterator[list[Mapping[str, Any]]], value: Callable[[Sequence[str], int], list[str]]
) -> Iterator[dict[str, Any]]:
    first = 0
    for some in rows:
        found = value([encode("samples", first + i, row) for i, row in enumerate(some)], first)
        for row, added in zip(some, found):
            yield {**row, **json.loads(added)}
        first += len(some)
