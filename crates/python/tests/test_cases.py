"""Every row of the case tables of the verifier, through Python."""

import sys
from pathlib import Path

import pytest

from eightfold import Grader, verify_batch

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLES = sorted((Path(__file__).parents[3] / "tests/cases/verifier").glob("*.toml"))


def rows(path):
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for verdict in ("equal", "different", "undecided"):
        for gold, pred in table.get(verdict, []):
            yield table["form"], gold, pred, verdict


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_row_is_graded_as_it_says(path):
    grader = Grader()
    found = [(row, grader.verify(row[1], row[2], form=row[0])) for row in rows(path)]
    assert found
    assert [(row, grade) for row, grade in found if grade.verdict != row[3]] == []


def test_there_are_tables():
    assert sum(1 for path in TABLES for _ in rows(path)) >= 600


@pytest.mark.parametrize("threads", [None, 1, 2, 7])
def test_a_batch_says_what_single_calls_say(threads):
    grader = Grader()
    for form in ("answer", "response"):
        pairs = [(row[1], row[2]) for path in TABLES for row in rows(path) if row[0] == form]
        golds, preds = zip(*pairs)
        batch = verify_batch(golds, preds, form=form, threads=threads)
        assert list(batch) == [grader.verify(gold, pred, form=form) for gold, pred in pairs]
