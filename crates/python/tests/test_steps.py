"""Steps, values and pairs: the program's answers, laws, and what goes wrong."""

import json
import pickle
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eightfold
from eightfold import Grader, first_pit, pass_at_k, segment, step_values, token_spans
from eightfold.pairs import make, to_trl
from eightfold.values import Completion, search

HERE = Path(__file__).parent
PIPELINE = HERE / "../../cli/tests/pipeline"


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def made(name):
    return rows(HERE / "made" / f"{name}.jsonl")


class Recorded:
    """A generator that says what the fixture's rollouts say, from each prefix in their order."""

    def __init__(self):
        valued = {(row["id"], row["sample"]): row for row in made("valued")}
        self.texts = {}
        for row in rows(PIPELINE / "rollouts.jsonl"):
            sample = valued[row["id"], row["sample"]]
            end = ([0] + [end for _, end in sample["steps"]])[row["step"]]
            key = (sample["prompt"] + sample["completion"][:end], row["sample"])
            finished = row.get("finish_reason") != "length"
            completion = Completion(row["completion"], finished, row.get("tokens", 0))
            self.texts.setdefault(key, []).append(completion)

    def search(self, sample, **more):
        calls = []

        def generate(prompts, seeds):
            calls.append(len(prompts))
            assert len(set(zip(prompts, seeds))) == len(prompts)
            at = {}
            found = []
            for prompt in prompts:
                i = at[prompt] = at.get(prompt, -1) + 1
                found.append(self.texts[prompt, sample["sample"]][i])
            return found

        return next(search([sample], generate, draws=4, question=True, until_pit=False, **more)), calls


def test_values_are_those_of_the_program():
    recorded, same = Recorded(), 0
    for row, expected in zip(rows(PIPELINE / "samples.jsonl"), made("valued")):
        if not expected["values"]:
            continue
        found, _ = recorded.search(row, best_of=1)
        assert found == expected
        assert list(row.items()) == list(found.items())[: len(row)], "the row's own keys come first, as they were"
        same += 1
    assert same == 8


@pytest.mark.parametrize(
    "rule",
    ["shared-prefix", "shared-prefix-step", "full-solution-vs-pit", "response", "highest-edit-distance", "rft",
     "chosen-only"],
)
def test_pairs_are_those_of_the_program(rule):
    known = {row["id"]: row["solution"] for row in made("problems")}
    found = make(made("valued"), rule=rule, known=known)
    assert list(found) == made(rule)
    assert sum(found.counts.values()) <= 2, found.counts


def test_pairs_for_trl_are_those_that_its_trainer_was_run_on():
    pairs = make(made("valued"))
    expected = rows(HERE / "../../../tests/cases/trl_pairs.jsonl")
    assert to_trl(pairs, keep=["id", "chosen_ends", "rejected_ends"]) == expected
    messages = to_trl(make(made("valued")), form="messages")
    assert messages[0]["prompt"][0]["role"] == "user" and messages[0]["chosen"][0]["role"] == "assistant"


def test_without_a_known_solution_a_rollout_stands_in():
    found = make(made("valued"), rule="full-solution-vs-pit")
    assert len(list(found)) == 8
    assert found.counts == {"chosen sides from rollouts of the bare question": 1}


SAMPLE = {"id": "a", "sample": 0, "question": "1 + 1 + 1?", "answer": "3"}
WRONG = {**SAMPLE, "completion": "1 + 1 = 2\n2 + 1 = 4\n#### 4"}
RIGHT = {**SAMPLE, "sample": 1, "completion": "1 + 1 = 2\n2 + 1 = 3\n#### 3"}


def adds(prompts, seeds):
    """Right unless a wrong step was written."""
    return ["so #### 4" if "= 4" in prompt else "so #### 3" for prompt in prompts]


def test_search_and_pairs_from_scratch():
    valued = list(search([RIGHT, WRONG], adds, draws=3, best_of=3))
    assert [row["verdict"] for row in valued] == ["equal", "different"]
    assert valued[1]["first_pit"] == 1 and valued[0]["first_pit"] is None
    assert [value["q"] for value in valued[1]["values"]] == [1.0, 0.0, 0.0]
    [pair] = make(valued)
    assert (pair["initial_steps"], pair["rejected"]) == ("1 + 1 = 2\n", "2 + 1 = 4\n")
    assert (pair["chosen"], pair["chosen_ends"], pair["rejected_ends"]) == ("so #### 3", True, False)
    assert to_trl([pair])[0]["prompt"] == "1 + 1 + 1?\n1 + 1 = 2\n"


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=4), st.integers(0, 2**64 - 1))
@settings(max_examples=40, deadline=None)
def test_search_agrees_with_the_functions_and_with_no_batch_mate(outcomes, seed):
    """Outcomes by a table: values and pits are those that `step_values` and `first_pit` find."""
    lines = [f"step {i}" for i in range(len(outcomes) + 1)]
    wrong = [{**SAMPLE, "sample": s, "completion": "\n".join(lines[: s + 2])} for s in range(len(outcomes))]

    def generate(prompts, seeds):
        at, found = {}, []
        for prompt in prompts:
            i = at[prompt] = at.get(prompt, -1) + 1
            ok = outcomes[prompt.count("step") - 1][i % 6]
            found.append(Completion("#### 3" if ok else "#### 4"))
        return found

    def values(samples, **more):
        return list(search(samples, generate, draws=6, best_of=2, until_pit=False, seed=seed, **more))

    alone = [row for sample in wrong for row in values([sample])]
    assert values(wrong, batch=1) == alone
    longest = alone[-1]
    expected = step_values(outcomes, best_of=2, correct=False)
    assert [row["q"] for row in longest["values"]] == [value.q for value in expected]
    assert [row.get("advantage") for row in longest["values"]] == [value.advantage for value in expected]
    assert longest["first_pit"] == first_pit(outcomes, rule="lowest-q", best_of=2)


def test_seeds_name_draws():
    seen = {}

    def generate(prompts, seeds):
        for prompt, seed in zip(prompts, seeds):
            assert 0 <= seed < 2**31
            seen.setdefault(prompt, []).append(seed)
        return adds(prompts, seeds)

    list(search([WRONG], generate, draws=3, best_of=1, until_pit=False))
    once = dict(seen)
    seen.clear()
    list(search([RIGHT, WRONG], generate, draws=3, best_of=1, until_pit=False, batch=1))
    assert all(set(seeds) <= set(seen[prompt]) for prompt, seeds in once.items())
    seen.clear()
    list(search([WRONG], generate, draws=3, best_of=1, until_pit=False, seed=1))
    assert all(not set(seeds) & set(seen[prompt]) for prompt, seeds in once.items())


def test_verify_may_be_a_grader_or_any_callable():
    guess = {**WRONG, "completion": "1 + 1 + 1 = 3"}
    assert next(search([guess], adds))["verdict"] == "different"
    assert next(search([guess], adds, verify=Grader()))["verdict"] == "equal"
    judged = next(search([WRONG], adds, verify=lambda answer, text: answer in text.splitlines()[-1]))
    assert judged["verdict"] == "different" and "reason" not in judged


def test_messages_need_a_template():
    chat = {**WRONG, "prompt": [{"role": "user", "content": "1 + 1 + 1?"}]}
    with pytest.raises(ValueError, match=r"samples\[0\].*`render`"):
        next(search([chat], adds))
    seen = []

    def generate(prompts, seeds):
        seen.extend(prompts)
        return adds(prompts, seeds)

    next(search([chat], generate, render=lambda messages: f"<user>{messages[0]['content']}</user>"))
    assert seen[0] == "<user>1 + 1 + 1?</user>1 + 1 = 2\n"


class Boom(Exception):
    pass


def boom(*_):
    raise Boom


@pytest.mark.parametrize(
    ("generate", "error", "words"),
    [
        (lambda prompts, seeds: ["x"] * (len(prompts) - 1), ValueError, "generate: it returned 4 completions for 5"),
        (lambda prompts, seeds: ["x"] * (len(prompts) + 1), ValueError, "generate: it returned 6 completions for 5"),
        (lambda prompts, seeds: None, TypeError, "generate: expected a sequence of completions, found NoneType"),
        (lambda prompts, seeds: "xxxxx", TypeError, "generate"),
        (lambda prompts, seeds: ["x"] * 4 + [3], TypeError, "generate: completion 4"),
        (lambda prompts, seeds: [b"x"] * 5, TypeError, "generate: completion 0"),
        (lambda prompts, seeds: ["\ud800"] * 5, ValueError, "generate: completion 0"),
        (lambda prompts, seeds: [Completion("x", True, -1)] * 5, TypeError, "generate: completion 0: tokens"),
        (boom, Boom, None),
        (3, TypeError, "generate: expected a callable"),
    ],
)
def test_generators_that_fail_are_named_and_leave_nothing_half_done(generate, error, words):
    with pytest.raises(error, match=words):
        next(search([WRONG], generate))
    calls = []

    def later(prompts, seeds):
        calls.append(prompts)
        return adds(prompts, seeds) if len(calls) < 3 else generate(prompts, seeds)

    if callable(generate):
        # The first batch is whole; of the second nothing is yielded.
        some = search([WRONG, {**WRONG, "sample": 2}, {**RIGHT, "sample": 3}], later, batch=1)
        assert next(some)["first_pit"] == 1
        with pytest.raises(error):
            list(some)


def test_interrupts_pass_through():
    def stop(prompts, seeds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(search([WRONG], stop))
    with pytest.raises(Boom):
        next(search([WRONG], adds, verify=boom))


def raising():
    yield WRONG
    raise Boom


BAD = [None, 3, 2.5, b"x", [], [None], "\ud800", {"a": 1}, object(), True]


@pytest.mark.parametrize("bad", BAD)
def test_bad_rows_are_named(bad):
    if not isinstance(bad, list):
        for consume in [lambda x: list(search(x, adds)), lambda x: list(make(x)), to_trl]:
            with pytest.raises((TypeError, ValueError), match="samples|valued|pairs"):
                consume(bad)
    for key in ["id", "sample", "question", "answer", "completion", "prompt", "verdict", "steps"]:
        with pytest.raises((TypeError, ValueError), match=r"samples\[1\]|prompt|answer") if _unfit(key, bad) else _any():
            list(search([RIGHT, {**WRONG, key: bad}], adds))
    with pytest.raises((TypeError, ValueError), match=r"samples\[1\]"):
        list(search([WRONG, bad], adds))
    with pytest.raises(Boom):
        list(search(raising(), adds))
    with pytest.raises(Boom):
        list(make(raising()))


def _unfit(key, bad):
    if bad is None:
        return key not in ("prompt", "verdict", "steps")
    # A number counts as a text where a text is meant, and an empty list of messages is a prompt without a template.
    texts = ("id", "question", "answer", "completion")
    return not (key in texts and type(bad) in (int, float)) and not (key == "sample" and type(bad) is int)


class _any:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


@given(st.one_of(st.none(), st.integers(), st.floats(), st.binary(), st.text(), st.lists(st.integers())))
@settings(max_examples=60, deadline=None)
def test_settings_are_named(bad):
    for key in ["by", "pit", "draws", "best_of", "level", "seed", "batch"]:
        try:
            search([], adds, **{key: bad})
        except (TypeError, ValueError, OverflowError) as error:
            assert key in str(error) or "draws" in str(error)
    for key in ["rule", "by", "cap", "seed", "known"]:
        try:
            make([], **{key: bad})
        except (TypeError, ValueError, OverflowError) as error:
            assert key in str(error)


TEXT = st.text(st.one_of(st.sampled_from("ab. \n1)$é😀"), st.characters(exclude_categories=["Cs"])), max_size=60)


@given(TEXT, st.sampled_from(["lines", "sentences", "numbered", "paragraphs"]), st.integers(0, 9), st.integers(1, 5))
def test_spans_tile_in_characters(text, by, shortest, most):
    for spans in [segment(text, by), segment(text, by=by, shortest=shortest, most=most)]:
        assert "".join(text[start:end] for start, end in spans) == text
        assert all(start < end for start, end in spans)
    assert len(segment(text, by, most=most)) <= most
    # Each character a token, and a special one at each end.
    spans = segment(text, by)
    offsets = [(0, 0), *((i, i + 1) for i in range(len(text))), (0, 0)]
    tokens = token_spans(spans, offsets)
    assert [end - start for start, end in tokens[1:-1]] == [end - start for start, end in spans[1:-1]]
    assert not tokens or (tokens[0][0], tokens[-1][1]) == (0, len(offsets))


def test_large_texts():
    text = "é is a step.\n" * 800_000
    spans = segment(text)
    assert len(text) > 10_000_000 and len(spans) == 800_000 and spans[-1][1] == len(text)


@pytest.mark.parametrize("bad", BAD)
def test_bad_arguments_of_steps_are_named(bad):
    if not isinstance(bad, str) or bad == "\ud800":
        with pytest.raises((TypeError, ValueError), match="text"):
            segment(bad)
    if bad is not None:
        with pytest.raises((TypeError, ValueError), match="by"):
            segment("x", by=bad)
    for call in [lambda: token_spans(bad, []), lambda: token_spans([], [bad]), lambda: token_spans([(0, bad)], [])]:
        if bad != [] and not isinstance(bad, int):
            with pytest.raises((TypeError, ValueError), match="spans|offsets"):
                call()
    if bad is not True:
        with pytest.raises((TypeError, ValueError), match="outcomes"):
            step_values([[bad]])
    if bad not in ([], None):
        with pytest.raises((TypeError, ValueError), match="question"):
            step_values([], question=bad)
    with pytest.raises((TypeError, ValueError), match="draws|successes|k"):
        pass_at_k(4, 1, bad if type(bad) is not int else 9)


def test_what_does_not_fit_is_named():
    for call, words in [
        (lambda: token_spans([(0, 3), (4, 5)], []), r"spans\[1\]"),
        (lambda: token_spans([(0, 3)], [(2, 3), (0, 1)]), r"offsets\[1\]"),
        (lambda: first_pit([[False] * 4]), r"outcomes\[0\]: 4 outcomes, and 5"),
        (lambda: first_pit([[False]] * 3, k=1, steps=3), "outcomes: after 3 steps of 3"),
        (lambda: first_pit([], rule="all-fail:0"), "rule"),
        (lambda: step_values([[]]), r"outcomes\[0\]"),
        (lambda: step_values([[True]], best_of=2), r"outcomes\[0\]"),
        (lambda: step_values([[True]], level=1.0), "level"),
        (lambda: pass_at_k(3, 4, 1), "successes"),
        (lambda: pass_at_k(3, 1, 4), "k: 4"),
        (lambda: list(make([WRONG])), r"valued\[0\]: no key `verdict`"),
        (lambda: list(make([{**WRONG, "verdict": "different"}])), r"valued\[0\]: no key `values`; .*`eightfold.values"),
        (lambda: to_trl(make([]), form="chat"), "form"),
        (lambda: make([], rule="best"), "rule"),
        (lambda: search([], adds, pit="deepest"), "pit"),
        (lambda: search([], adds, draws=2), "draws"),
    ]:
        with pytest.raises((TypeError, ValueError), match=words):
            call()
    valued = list(search([WRONG, RIGHT], adds))
    other = {**valued[0], "id": "b"}
    for group, words in [
        ([valued[0], other, valued[1]], r"valued\[2\]: problem a was there at 0"),
        ([valued[0], valued[0]], r"valued\[1\]: sample 0"),
        ([valued[0], {**valued[1], "question": "2?"}], r"valued\[1\]: key `question`"),
    ]:
        with pytest.raises(ValueError, match=words):
            list(make(group))


def test_values_by_hand():
    question, after = step_values([[True, False, False, False]], question=[True, True, False, False])
    assert (question.step, question.q, question.advantage) == (0, 0.5, None)
    assert (after.q, after.rollouts, after.correct, after.advantage) == (0.25, 4, 1, -0.25)
    assert after.low < 0.25 < after.high
    assert step_values([[1, 0]], correct=True)[-1].q == 1.0
    assert pass_at_k(5, 1, 5) == 1.0 and pass_at_k(4, 1, 2) == 0.5
    assert first_pit([[True] * 5, [False] * 5, [True] * 5]) == 1
    assert first_pit([[True] * 5]) == 1, "a wrong solution has failed at its last step"
    assert first_pit([[True] * 5], steps=9) is None
    value = eightfold.StepValue(1, 0.5, 0.1, 0.9, 4, 2)
    assert pickle.loads(pickle.dumps(value)) == value and "q=0.5" in repr(value)


def test_scalars_of_numpy_are_taken():
    row = {**WRONG, "sample": numpy.int64(0), "steps": numpy.array([[0, 10], [10, 20], [20, 26]])}
    assert next(search([row], adds))["first_pit"] == 1
    assert step_values(numpy.array([[True, False]]))[0].q == 0.5
