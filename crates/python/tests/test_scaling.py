"""Scaling: the program's answers, planted laws, columns of any kind, and what goes wrong."""

import csv
import json
import math
import pickle
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eightfold.scaling import Ratio, data_multiplier, fit, laws

MADE = Path(__file__).parent / "made"
RUNS = list(csv.DictReader((MADE / "runs.csv").open()))
PROGRAM = json.loads((MADE / "fit.json").read_text())


def table(method):
    rows = [row for row in RUNS if row["method"] == method]
    kinds = {"n": float, "seed": int, "error": float}
    return {key: [kind(row[key]) for row in rows] for key, kind in kinds.items()}


def fitted(method, **more):
    runs = table(method)
    return fit("saturating", x=runs["n"], y=runs["error"], seed=runs["seed"], **{"bootstrap": 200, **more})


@pytest.mark.parametrize("method", ["sft", "step-dpo"])
def test_fits_are_those_of_the_program(method):
    found, expected = fitted(method), PROGRAM["groups"][method]
    assert found.params == pytest.approx(expected["params"], rel=1e-12)
    assert found.value == pytest.approx(expected["objective"], rel=1e-12)
    assert (found.points, found.weak, found.failed) == (30, expected["weak"], 0.0)
    for name, ends in expected["intervals"].items():
        assert found.interval(name) == pytest.approx(tuple(ends), rel=1e-12)


def test_ratios_are_those_of_the_program():
    sft, dpo = table("sft"), table("step-dpo")
    kinds = {"value": "exact", "at_least": "at least", "at_most": "at most"}
    ways = {
        "law": {"reading": "saturating", "interval": "percentile"},
        "isotonic": {"interval": "percentile"},
        "isotonic_t": {},
    }
    seen = set()
    for row in PROGRAM["ratios"]:
        for way, options in ways.items():
            found = data_multiplier(sft, dpo, at=row["at"]["size"], bootstrap=200, **options)
            [(kind, expected)] = row[way].items()
            assert found.kind == kinds[kind]
            assert found.value == pytest.approx(expected.get("estimate", expected.get("bound")), rel=1e-12)
            assert found.low == pytest.approx(expected.get("low", 0.0), rel=1e-12)
            assert found.high == pytest.approx(expected.get("high", math.inf), rel=1e-12)
            seen.add(found.kind)
    assert seen == {"exact", "at least"}
    assert data_multiplier(dpo, sft, at=64).kind == "at most"


@pytest.mark.parametrize("law", [law for law in laws() if len(law.inputs) <= 2 and law.name != "broken"])
def test_planted_laws_are_found(law):
    planted = {"E": 0.1, "A": 2.0, "B": 3.0, "a": 0.4, "alpha": 0.4, "beta": 0.5, "b": 0.3, "c": 50.0}
    sizes = [4.0**k for k in range(2, 9)]
    grid = [sizes] if len(law.inputs) == 1 else [[n for n in sizes for _ in sizes], sizes * len(sizes)]
    x = grid[0] if len(grid) == 1 else grid
    names = fit(law.name, x=x, y=[1 / (2 + i) for i in range(len(grid[0]))], bootstrap=0).params

    def value(*x):
        p = {name: planted[name] for name in names}
        match law.name:
            case "power":
                return p["A"] * x[0] ** -p["a"]
            case "logit":
                odds = p["A"] * x[0] ** -p["a"]
                return odds / (1 + odds)
            case "saturating":
                return p["E"] + p["A"] * x[0] ** -p["a"]
            case "shifted":
                return p["E"] + p["A"] * (x[0] + p["c"]) ** -p["a"]
            case "joint":
                return p["E"] + p["A"] / (x[0] ** p["alpha"] * x[1] ** p["beta"])
            case "chinchilla":
                return p["E"] + p["A"] * x[0] ** -p["alpha"] + p["B"] * x[1] ** -p["beta"]

    try:
        y = [value(*point) for point in zip(*grid)]
    except KeyError as error:
        pytest.fail(f"{law}: {error}")
    found = fit(law.name, x=x, y=y, bootstrap=0)
    at = [grid[0][3]] if len(grid) == 1 else [[grid[0][3]], [grid[1][3]]]
    assert found.predict(at)[0] == pytest.approx(y[3], rel=1e-4)


def test_columns_of_any_kind_give_one_answer():
    class Series:
        """As pandas and polars have it: iterable, without being a sequence."""

        def __init__(self, values):
            self.values = values

        def __iter__(self):
            return iter(self.values)

    runs, lists = table("sft"), fitted("sft")
    for kind in [numpy.array, tuple, Series, lambda column: numpy.array(column, dtype=object)]:
        found = fit("saturating", x=kind(runs["n"]), y=kind(runs["error"]), seed=kind(runs["seed"]), bootstrap=200)
        assert found.params == lists.params and found.interval("a") == lists.interval("a")
    named = fit("saturating", x=runs["n"], y=runs["error"], seed=[f"s{seed}" for seed in runs["seed"]], bootstrap=200)
    assert named.interval("a") == lists.interval("a")
    again = pickle.loads(pickle.dumps(lists))
    assert again.params == lists.params and again.interval("E") == lists.interval("E")


def test_bands_hold_predictions():
    found = fitted("sft")
    grid = numpy.geomspace(64, 4096, 9)
    low, high = found.band(grid)
    assert isinstance(low, numpy.ndarray) and (low <= found.predict(grid)).all() and (found.predict(grid) <= high).all()
    assert found.predict(256) == found.predict([256])[0]
    assert "saturating" in repr(found)
    for kind in ["percentile", "bca"]:
        assert found.interval("a", kind)[0] < found.params["a"] < found.interval("a", kind)[1]
    low, high = fitted("sft", objective="log-squares").interval("E", "student")
    assert low < found.params["E"] < high


def test_without_numpy_lists_come_back():
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from eightfold.scaling import fit\n"
        "print(type(fit('power', x=[1, 2, 4], y=[1, .5, .25], bootstrap=0).predict([8])).__name__)"
    )
    out = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "list"


def test_a_ratio_says_what_is_known():
    assert str(Ratio(4.0, 2.0, 8.0, "exact")) == "4.00x [2.00, 8.00]"
    assert str(Ratio(6.4, 5.0, math.inf, "at least")) == "> 6.40x [5.00, inf]"
    sft, dpo = table("sft"), table("step-dpo")
    assert data_multiplier(sft, dpo, error=1e-9).kind == "not measured"
    assert 3 < data_multiplier(sft, dpo, error=0.2).value < 5
    assert 3 < data_multiplier(sft, dpo, error=(0.16, 0.25)).value < 5


X, Y = [1, 2, 4, 8], [1, 0.5, 0.25, 0.125]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fit("best", x=X, y=Y), "law: `best`"),
        (lambda: fit(3, x=X, y=Y), "law"),
        (lambda: fit("power", x=X, y=Y[1:]), "x: 4 values for 3 of y"),
        (lambda: fit("power", x=X, y=Y, seed=[1]), "seed: 1 values"),
        (lambda: fit("power", x=X, y=Y, weight=[1.0]), "weight: 1 values"),
        (lambda: fit("power", x=X, y=[1, None, 2, 3]), r"y\[1\]: expected a number, found NoneType"),
        (lambda: fit("power", x=X, y=[1, float("nan"), 2, 3]), r"y\[1\]: nan"),
        (lambda: fit("power", x="1248", y=Y), "x: expected a column"),
        (lambda: fit("power", x=None, y=Y), "x: expected a column"),
        (lambda: fit("power", x=[1, 2, "4", 8], y=Y), r"x\[2\]"),
        (lambda: fit("power", x=[1, 2, 10**400, 8], y=Y), r"x\[2\]: too large"),
        (lambda: fit("chinchilla", x=[X], y=Y), "x: 1 columns"),
        (lambda: fit("power", x=X, y=Y, objective="l1"), "objective"),
        (lambda: fit("power", x=X, y=Y, level=1), "level"),
        (lambda: fit("power", x=X, y=Y, bootstrap=-1), "bootstrap"),
        (lambda: fit("power", x=X, y=Y, bootstrap=0).interval("a"), "bootstrap"),
        (lambda: fit("power", x=X, y=Y, bootstrap=9).interval("z"), "name: `z`"),
        (lambda: fit("power", x=X, y=Y, bootstrap=9).interval("a", "wald"), "kind"),
        (lambda: fit("power", x=X, y=Y, bootstrap=0).predict([1, 0]), r"x\[1\]"),
        (lambda: fit("power", x=X, y=[1, 0, 0.5, 0.2]), "row 1|0"),
        (lambda: data_multiplier({}, {}, at=1), "baseline: no column 'seed'"),
        (lambda: data_multiplier(table("sft"), {"seed": [1], "n": [1]}, at=1), "method: no column 'error'"),
        (lambda: data_multiplier(table("sft"), table("sft")), "at, error"),
        (lambda: data_multiplier(table("sft"), table("sft"), at=64, interval="z"), "interval"),
        (lambda: data_multiplier(table("sft"), table("sft"), at=65), "65"),
        (lambda: data_multiplier(table("sft"), {**table("sft"), "error": [0.0] * 30}, at=64), "method.*floor"),
    ],
)
def test_what_does_not_fit_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


BAD = st.one_of(st.none(), st.integers(), st.floats(), st.binary(), st.text(), st.lists(st.floats(), max_size=3))


@given(BAD, st.sampled_from(["x", "y", "seed", "weight", "objective", "bootstrap", "level", "floor", "law"]))
@settings(max_examples=80, deadline=None)
def test_any_argument_gives_a_fit_or_names_itself(bad, key):
    if key == "bootstrap" and isinstance(bad, int) and bad > 100:
        return
    try:
        fit(**{"law": "power", "x": X, "y": Y, "bootstrap": 5, key: bad})
    except (TypeError, ValueError) as error:
        assert key in str(error) or "row" in str(error) or "point" in str(error) or "seed" in str(error), error
