"""Rows as JSON texts: a row is read in Rust as the program reads it from a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

_T = TypeVar("_T")


def encode(argument: str, number: int, row: object) -> str:
    """A row as JSON; scalars and arrays of NumPy are taken as what they hold."""
    if not isinstance(row, Mapping):
        raise TypeError(f"{argument}[{number}]: expected a mapping, found {type(row).__name__}")
    try:
        return json.dumps(dict(row), default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise type(error)(f"{argument}[{number}]: not a row: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    plain = getattr(value, "tolist", None)
    if plain is None:
        raise TypeError(f"{type(value).__name__} is no JSON")
    return plain()


def batches(argument: str, rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The rows, so many at a time. What the iterable raises is raised."""
    at = iterate(argument, rows)
    while batch := list(islice(at, size)):
        yield batch


def iterate(argument: str, rows: Iterable[_T]) -> Iterator[_T]:
    """The rows one by one; a mapping or a text is no list of rows."""
    if isinstance(rows, (str, bytes, Mapping)) or not hasattr(rows, "__iter__"):
        raise TypeError(f"{argument}: expected an iterable of mappings, found {type(rows).__name__}")
    return iter(rows)


def size(argument: str, value: object, most: int = 2**63) -> int:
    """An int from 0, below `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < most:
        raise ValueError(f"{argument}: expected an int from 0")
    return value
