"""Our `parse` and `verify` beside Math-Verify's own, on every case of the field."""

import tomllib
from collections import Counter
from pathlib import Path

import math_verify as theirs
import pytest

from eightfold import math_verify as ours

CASES = Path(__file__).parent / "../../../tests/cases/verifier"


def rows():
    """Form, gold, prediction, and what our tables say of them."""
    for path in sorted(CASES.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for verdict in ("equal", "different", "undecided"):
            yield from ((table["form"], gold, pred, verdict) for gold, pred in table.get(verdict, []))


def equal(package, form, gold, pred):
    pred = f"\\boxed{{{pred}}}" if form == "answer" else pred
    return package.verify(package.parse(f"\\boxed{{{gold}}}"), package.parse(pred))


def test_agreement(capsys):
    counts = Counter()
    for form, gold, pred, verdict in rows():
        counts[verdict, equal(ours, form, gold, pred), equal(theirs, form, gold, pred)] += 1
    with capsys.disabled():
        print("\ntable, we say equal, Math-Verify says equal: rows")
        for key, count in sorted(counts.items()):
            print(*key, count)
    total = sum(counts.values())
    alike = sum(count for (_, own, other), count in counts.items() if own == other)
    assert total > 600 and alike > 0.6 * total
    right = sum(count for (verdict, own, _), count in counts.items() if own == (verdict == "equal"))
    assert right > 0.9 * total, "the tables hold beyond tolerances, which this module sets as Math-Verify does"


@pytest.mark.parametrize("name", ["LatexExtractionConfig", "ExprExtractionConfig", "StringExtractionConfig"])
def test_configs_have_the_same_fields(name):
    fields = [list(getattr(package, name).__dataclass_fields__) for package in (ours, theirs)]
    assert fields[0] == fields[1]
