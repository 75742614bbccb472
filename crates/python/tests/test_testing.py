"""The laws hold for the losses that crates/loss says they hold for, and for no others."""

from math import exp, log1p

import numpy
import pytest

from eightfold.testing import LAWS, LawBroken, check_preference_loss


def softplus(x):
    return max(x, 0.0) + log1p(exp(-abs(x)))


def per_pair(cost):
    return lambda *columns: [cost(*row) for row in zip(*columns)]


def difference(c, r, rc, rr):
    return (c - r) - (rc - rr)


BETA, TAU = 0.3, 0.4
LOSSES = {
    "dpo": (per_pair(lambda *p: softplus(-BETA * difference(*p))), set()),
    "conservative": (
        per_pair(lambda *p: 0.9 * softplus(-BETA * difference(*p)) + 0.1 * softplus(BETA * difference(*p))),
        {"chosen-gradient-sign"},
    ),
    "ipo": (per_pair(lambda *p: (difference(*p) - 1 / (2 * TAU)) ** 2), {"chosen-gradient-sign"}),
    # Tokens of the sides: 2 and 5, as in the tests of crates/loss.
    "length-normalized": (
        per_pair(lambda c, r, rc, rr: softplus(-BETA * ((c - rc) / 2 - (r - rr) / 5))),
        {"prefix-cancels", "shift", "symmetric-pair"},
    ),
    "simpo": (
        per_pair(lambda c, r, rc, rr: softplus(-BETA * (c / 2 - r / 5) + 0.5)),
        {"prefix-cancels", "symmetric-pair"},
    ),
    "dpo-positive": (
        per_pair(lambda c, r, rc, rr: softplus(-BETA * ((c - r) - (rc - rr) - 5 * max(0.0, rc - c)))),
        {"prefix-cancels", "shift", "symmetric-pair"},
    ),
    "dpo-nll": (
        per_pair(lambda c, r, rc, rr: softplus(-BETA * difference(c, r, rc, rr)) - 0.2 * c / 2),
        {"prefix-cancels", "symmetric-pair"},
    ),
}


def broken(loss, **more):
    found = set()
    for law in LAWS:
        try:
            check_preference_loss(loss, [law], **more)
        except LawBroken as error:
            assert error.law == law and str(error).startswith(law)
            found.add(law)
    return found


@pytest.mark.parametrize("name", LOSSES)
def test_laws_hold_where_they_hold(name):
    loss, expected = LOSSES[name]
    assert broken(loss) == expected


def test_wrong_losses_are_caught_with_a_small_case():
    def swapped(c, r, rc, rr):
        return per_pair(lambda *p: softplus(BETA * difference(*p)))(c, r, rc, rr)

    with pytest.raises(LawBroken) as caught:
        check_preference_loss(swapped)
    assert caught.value.law == "chosen-gradient-sign" and caught.value.pairs == [(0.0, 0.0, 0.0, 0.0)]

    def leaky(c, r, rc, rr):
        margins = [difference(*p) for p in zip(c, r, rc, rr)]
        mean = sum(margins) / len(margins)
        return [softplus(-BETA * (margin - mean)) for margin in margins]

    with pytest.raises(LawBroken) as caught:
        check_preference_loss(leaky, ["split-invariant"])
    values = [value for pair in caught.value.pairs for value in pair]
    assert len(caught.value.pairs) == 2 and sorted(values) == [-1.0] + [0.0] * 7

    without_reference = per_pair(lambda c, r, rc, rr: softplus(-BETA * (c - r)) + 0.1 * rc)
    with pytest.raises(LawBroken, match=r"(?s)shift: found .*Pair\(chosen=-?0.0.*by -1$"):
        check_preference_loss(without_reference, ["shift"])


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_arrays_and_reductions(reduction):
    def dpo(c, r, rc, rr):
        costs = numpy.logaddexp(0, -BETA * ((c - r) - (rc - rr)))
        return getattr(costs, reduction)()

    check_preference_loss(dpo, array=numpy.array, reduction=reduction)
    wrong = {"sum": "mean", "mean": "sum"}[reduction]
    with pytest.raises(LawBroken, match="split-invariant"):
        check_preference_loss(dpo, array=numpy.array, reduction=wrong)
    with pytest.raises(ValueError, match="reduction"):
        check_preference_loss(lambda *_: 1.0, ["split-invariant"], cases=4)


def test_a_cost_that_is_no_number_breaks_a_law():
    with pytest.raises(LawBroken, match="found nan"):
        check_preference_loss(lambda c, r, rc, rr: [float("nan")] * len(c), ["shift"])


def test_bad_arguments_are_named():
    for arguments, words in [
        ((3,), "loss"),
        ((len, ["best"]), "laws: `best`"),
        ((len, "shift"), "laws"),
        ((lambda *_: ["x"],), "loss: expected 1 cost"),
        ((lambda *_: [],), "loss: expected 1 cost"),
    ]:
        with pytest.raises((TypeError, ValueError), match=words):
            check_preference_loss(*arguments)

    class Boom(Exception):
        pass

    def boom(*_):
        raise Boom

    with pytest.raises(Boom):
        check_preference_loss(boom)
