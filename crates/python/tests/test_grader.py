"""The grader: what its grades hold, threads, processes, and inputs that are no texts."""

import multiprocessing
import pickle
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eightfold import Extracted, Grade, Grader, Grades, extract, normal_form, verify, verify_batch

texts = st.text() | st.text(alphabet="0123456789+-*/^=(){}[]\\$.,% xfracsqtboxed#<>|\n", max_size=80)


@given(gold=texts, pred=texts)
@settings(deadline=None, max_examples=500)
def test_any_two_texts_have_a_grade(gold, pred):
    for form in ("response", "answer"):
        grade = verify(gold, pred, form=form)
        assert grade.verdict in ("equal", "different", "undecided")
        assert bool(grade) == (grade.verdict == "equal")
        assert all(0 <= start <= end <= len(pred) for start, end in grade.spans)


@given(before=st.text(alphabet="éü😀a 中", max_size=30))
@settings(deadline=None)
def test_spans_are_characters_of_the_response(before):
    response = before + "\nso \\boxed{17}"
    found = extract(response)
    assert [response[start:end] for start, end in found.spans] == [found.text] == ["17"]
    assert verify("17", response).spans == found.spans


def test_what_a_grade_holds():
    grade = verify("#### 18", "é: \\boxed{18} eggs")
    assert grade
    assert (grade.verdict, grade.reason, grade.gold) == ("equal", "same_text", "18")
    assert (grade.extracted, grade.marker, grade.unread) == ("18", "boxed", None)
    assert grade.gold_understood and not grade.guessed
    assert "alike" in grade.explanation and "equal" in repr(grade)


def test_an_unreadable_gold_is_told_from_an_unreadable_answer():
    assert not verify("\\frac{", "\\boxed{3}").gold_understood
    assert not verify("", "\\boxed{3}").gold_understood
    assert verify("3", "\\boxed{\\frac{}").gold_understood


def test_options():
    assert not verify("1/3", "0.33", form="answer")
    assert verify("1/3", "0.33", form="answer", tolerance=("rounded", 2))
    assert verify("1/3", "0.33", form="answer", tolerance="rounded:2")
    assert verify("100", "101", form="answer", tolerance=("relative", 0.02))
    assert verify("1, 2", "2, 1", form="answer")
    assert not verify("1, 2", "2, 1", form="answer", ordered=True)
    assert verify("12 cm", "120 mm", form="answer", units="convert")
    assert not verify("12 cm", "120 mm", form="answer", units="as-written")
    assert verify("5", "I count and count, and 5", extract="flexible").guessed
    assert verify("5", "I count and count, and 5", extract="marked").reason == "no_answer"
    assert verify("7", "<think>\\boxed{7}</think> \\boxed{8}").extracted == "8"
    assert not verify("7", "<think>\\boxed{7}")
    assert verify("7", "<think>\\boxed{7}", thinking="keep")
    assert verify("yes", "maybe", form="answer", choices=["yes", "no"]).reason == "no_choice"
    assert verify("1/3", "0.333333", form="answer", preset="math-verify")
    assert Grader(markers=["hashes"]).verify("4", "\\boxed{3}\n#### 4").extracted == "4"


def test_graders_are_values():
    grader = Grader(tolerance=("relative", 1e-3), choices=["a", "b"], thinking="keep")
    assert pickle.loads(pickle.dumps(grader)) == grader != Grader()
    assert Grader(**grader.options) == grader


def test_grades_are_values():
    for response in ("\\boxed{18}", "no idea", "The total is 18", ""):
        grade = verify("18", response)
        again = pickle.loads(pickle.dumps(grade))
        assert again == grade and hash(again) == hash(grade)
        with pytest.raises(AttributeError):
            grade.reason = "because"
    with pytest.raises(ValueError, match="verdict"):
        Grade("right", "same_text", "1")


def test_grades_of_a_batch():
    grades = verify_batch(["1", "2", "3"], ["\\boxed{1}", "\\boxed{3}", "\\boxed{\\frac{}"])
    assert isinstance(grades, Grades) and len(grades) == 3
    assert grades.scores() == [1.0, 0.0, 0.0]
    assert sum(grades.counts().values()) == 3 and grades.counts()["equal"] == 1
    assert {len(column) for column in grades.columns().values()} == {3}
    assert grades[-1] == grades[2] and list(grades[::-1]) == list(grades)[::-1]
    assert grades[0] in grades
    assert pickle.loads(pickle.dumps(grades)) == grades
    with pytest.raises(IndexError):
        grades[3]
    with pytest.raises(TypeError, match="index"):
        grades["0"]
    assert len(verify_batch([], [])) == 0


def test_extraction_and_normal_forms():
    found = extract("é \\boxed{1/2}")
    assert isinstance(found, Extracted)
    assert (found.text, found.marker, found.guessed) == ("1/2", "boxed", False)
    assert extract("nothing here", markers=["boxed"]) is None
    assert normal_form("\\frac{2}{4}") == normal_form("0.5")


def test_sixteen_threads_say_the_same():
    golds = [str(i) for i in range(2000)]
    preds = [f"so \\boxed{{{i + i % 3}}}" for i in range(2000)]
    grader = Grader()
    expected = grader.verify_batch(golds, preds, threads=1)
    with ThreadPoolExecutor(16) as pool:
        for found in pool.map(lambda i: grader.verify_batch(golds, preds, threads=1 + i % 3), range(16)):
            assert found == expected


def grade_of(pair):
    return verify(*pair)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_processes(method):
    # Threads were used before the fork.
    verify_batch(["1"] * 500, ["\\boxed{1}"] * 500, threads=2)
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    with multiprocessing.get_context(method).Pool(2) as pool:
        pairs = [("1", "\\boxed{1}"), ("1", "\\boxed{2}")]
        assert pool.map(grade_of, pairs) == [verify(*pair) for pair in pairs]


@pytest.mark.parametrize("value", [None, 3, 3.5, b"3", ["3"], object()], ids=lambda value: type(value).__name__)
def test_what_is_no_text_is_named(value):
    with pytest.raises(TypeError, match="gold"):
        verify(value, "3")
    with pytest.raises(TypeError, match="pred"):
        verify("3", value)
    with pytest.raises(TypeError, match=r"golds\[1\]"):
        verify_batch(["3", value], ["3", "3"])
    with pytest.raises(TypeError, match="response"):
        extract(value)
    with pytest.raises(TypeError, match="answer"):
        normal_form(value)


def test_lone_surrogates_are_named():
    with pytest.raises(ValueError, match="pred.*surrogate"):
        verify("3", "\ud800")
    with pytest.raises(ValueError, match=r"preds\[1\].*surrogate"):
        verify_batch(["3", "3"], ["3", "\udfff"])


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        ({"tolerance": "close"}, ValueError),
        ({"tolerance": ("relative", 2)}, ValueError),
        ({"tolerance": ("rounded", True)}, ValueError),
        ({"tolerance": 3}, TypeError),
        ({"extract": "all"}, ValueError),
        ({"extract": "marked", "markers": ["boxed"]}, TypeError),
        ({"markers": "boxed"}, TypeError),
        ({"markers": ["box"]}, ValueError),
        ({"thinking": "drop"}, ValueError),
        ({"units": "si"}, ValueError),
        ({"ordered": 1}, TypeError),
        ({"fuel": -1}, ValueError),
        ({"preset": "other"}, ValueError),
        ({"form": "essay"}, ValueError),
        ({"tolerant": True}, TypeError),
        ({"tolerant": None}, TypeError),
    ],
    ids=repr,
)
def test_bad_options_are_named(keywords, error):
    with pytest.raises(error, match=list(keywords)[-1]):
        verify("1", "1", **keywords)


def test_bad_batches():
    with pytest.raises(ValueError, match="preds: 1 for 2 golds"):
        verify_batch(["1", "2"], ["1"])
    with pytest.raises(TypeError, match="golds"):
        verify_batch("12", ["1", "2"])
    with pytest.raises(ValueError, match="threads"):
        verify_batch([], [], threads=0)

    def failing():
        yield "1"
        raise RuntimeError("of the caller")

    with pytest.raises(RuntimeError, match="of the caller"):
        verify_batch(failing(), ["1", "2"])


def test_ten_megabytes_have_a_grade():
    for long in ("1" * 10_000_000, "\\frac{" * 1_500_000, "x " * 5_000_000, "(" * 10_000_000):
        assert not verify("1", long)
        assert not verify(long, "\\boxed{1}")


def test_nothing_heavy_is_imported():
    code = "import sys, eightfold; print([m for m in ('numpy', 'typing', 'asyncio') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_snippets_of_the_readme_run():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```", readme, re.S)
    assert snippets
    for snippet in snippets:
        exec(snippet, {})
