"""The names of Math-Verify: what they find and what they compare."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eightfold.math_verify import (
    Answer,
    ExprExtractionConfig,
    LatexExtractionConfig,
    StringExtractionConfig,
    math_metric,
    parse,
    verify,
)

LATEX, EXPR = LatexExtractionConfig(), ExprExtractionConfig()
STRICT = LatexExtractionConfig(boxed_match_priority=0, try_extract_without_anchor=False)


@pytest.mark.parametrize(
    ("text", "configs", "found"),
    [
        ("so \\boxed{3}", [LATEX, EXPR], "3"),
        ("The final answer is $4$. I wrote \\boxed{3}.", [LATEX], "4"),
        ("The final answer is $4$. I wrote \\boxed{3}.", [STRICT], "3"),
        ("The final answer is $4$.", [STRICT], "4"),
        ("The final answer is 4.", [STRICT], None),
        ("we get $x = 4$ somehow", [STRICT], None),
        ("we get $x = 4$ somehow", [LATEX], "x = 4"),
        ("we get 12 and then 4", [LATEX], None),
        ("we get 4.", [EXPR], "we get 4."),
        ("we get 12", [ExprExtractionConfig(try_extract_without_anchor=False)], None),
        ("\\boxed{7}", [LatexExtractionConfig(boxed_match_priority=-1)], None),
        ("The answer is (B).", [StringExtractionConfig()], "b"),
        ("I think C is right", [StringExtractionConfig(lowercase=False)], "C"),
        ("I think C is right", [StringExtractionConfig(try_extract_without_anchor=False)], None),
        ("ABCD", [StringExtractionConfig()], None),
        ("", [LATEX, EXPR], None),
    ],
)
def test_what_is_found(text, configs, found):
    parsed = parse(text, configs)
    assert (str(parsed[0]) if parsed else None) == found
    assert parsed == [] or parsed[1] == found


def test_what_is_compared():
    assert verify(parse("$\\frac12$"), parse("\\boxed{0.5}"))
    assert not verify(parse("$\\frac13$"), parse("\\boxed{0.33}"))
    assert verify(parse("$\\frac13$"), parse("\\boxed{0.33}"), float_rounding=2)
    assert verify(Answer("0.5"), [Answer("3"), Answer("1/2")]) and verify(2, Answer("2"))
    assert verify("b", "b") and not verify("2", Answer("2")), "a text never equals a value"
    assert not verify([], parse("3")) and not verify(parse("3"), [])
    with pytest.raises(ValueError, match="float_rounding"):
        verify([], [], float_rounding=-1)
    with pytest.raises(TypeError, match="pred"):
        parse(None)


def test_the_metric():
    metric = math_metric((LATEX,), (LATEX, EXPR))
    assert metric(["$1/2$"], ["\\boxed{0.5}", "4"])[0] == 1.0
    assert math_metric((LATEX,), (LATEX,), aggregation_function=min)(["$1/2$"], ["\\boxed{0.5}", "$4$"])[0] == 0.0
    with pytest.raises(ValueError, match="golds"):
        metric(["nothing"], ["4"])


@given(st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None)
def test_any_texts_are_compared(gold, target):
    assert verify(parse(gold), parse(target)) in (True, False)
