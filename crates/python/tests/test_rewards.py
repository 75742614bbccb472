"""The rewards, called as their hosts call them."""

import pickle

import pytest

from eightfold import openrlhf, rewards, verl

RIGHT, WRONG, OPEN = "<think>7?</think> \\boxed{0.5}", "so \\boxed{7}", "<think>\\boxed{0.5} and"


def trl(reward, completions, solution, **more):
    """With the keywords that a GRPO step of TRL gives."""
    extra, metrics = {}, {}
    found = reward(
        prompts=["?"] * len(completions),
        completions=completions,
        completion_ids=[[1, 2]] * len(completions),
        solution=solution,
        level=["easy"] * len(completions),
        trainer_state=None,
        log_extra=extra.__setitem__,
        log_metric=metrics.__setitem__,
        **more,
    )
    return found, extra, metrics


def test_trl_rewards_what_is_shown():
    texts = [RIGHT, WRONG, OPEN, "so 0.5", ""]
    for completions in (texts, [[{"role": "assistant", "content": text}] for text in texts]):
        found, extra, metrics = trl(rewards.accuracy_reward, completions, ["1/2"] * 5)
        assert found == [1.0, 0.0, 0.0, 0.0, 0.0]
        assert extra["answer"] == ["0.5", "7", None, None, None]
        assert metrics == {"accuracy": 0.2}


@pytest.mark.parametrize("gold", ["\\frac{", "", "  "])
def test_trl_skips_exactly_unreadable_solutions(gold):
    texts = [RIGHT, WRONG, OPEN, "", f"\\boxed{{{gold}}}", "\\boxed{\\frac{}"]
    assert trl(rewards.accuracy_reward, texts, [gold] * 6)[0] == [None] * 6
    assert None not in trl(rewards.accuracy_reward, texts, ["Evelyn"] * 6)[0]


def test_trl_reasoning():
    texts = [RIGHT, WRONG, OPEN, "\\boxed{7}</think>\\boxed{1/2}", "<r>\\boxed{0.5}</r>\\boxed{0.5}"]
    assert trl(rewards.reasoning_accuracy_reward, texts, ["1/2"] * 5)[0] == [1.0, 0.0, 0.0, 1.0, 0.0]
    found = trl(rewards.reasoning_accuracy_reward, texts, ["1/2"] * 5, reasoning_delimiters=["</r>", "</think>"])[0]
    assert found == [1.0, 0.0, 0.0, 1.0, 1.0]
    # Reasoning without an end is the response's fault, whatever the solution is.
    assert trl(rewards.reasoning_accuracy_reward, [OPEN, RIGHT], ["\\frac{"] * 2)[0] == [0.0, None]


def test_trl_reads_parts_and_the_last_message():
    call = {"role": "assistant", "content": None, "tool_calls": []}
    parts = {"role": "assistant", "content": [{"type": "text", "text": "\\boxed{"}, {"type": "text", "text": "3}"}]}
    assert rewards.accuracy_reward([[call, parts], [call], []], ["3"] * 3) == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("reward", [rewards.accuracy_reward, rewards.reasoning_accuracy_reward])
def test_rewards_can_be_sent_to_a_process(reward):
    assert pickle.loads(pickle.dumps(reward)) is reward
    assert reward.__name__.endswith("accuracy_reward")


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="solution: 1 for 2"):
        rewards.accuracy_reward(["", ""], ["3"])
    with pytest.raises(TypeError, match=r"completions\[1\]"):
        rewards.accuracy_reward(["", 3], ["3", "3"])
    with pytest.raises(TypeError, match="solution"):
        rewards.accuracy_reward(["", ""], "33")
    with pytest.raises(TypeError, match="reasoning_delimiters"):
        rewards.reasoning_accuracy_reward([""], ["3"], reasoning_delimiters="</think>")


def test_verl_one_and_many():
    pairs = [("1/2", RIGHT), ("1/2", WRONG), ("1/2", "so 0.5"), ("\\frac{", RIGHT), ("", "")]
    one = [
        verl.compute_score(data_source="m", solution_str=pred, ground_truth=gold, extra_info={"index": 1}, more=3)
        for gold, pred in pairs
    ]
    golds, preds = zip(*pairs)
    assert verl.compute_score_batch(
        data_sources=["m"] * 5, solution_strs=preds, ground_truths=golds, extra_infos=[None] * 5
    ) == one
    assert [row["score"] for row in one] == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert [row["gold_understood"] for row in one] == [1.0, 1.0, 1.0, 0.0, 0.0]
    kinds = [{key: type(value) for key, value in row.items()} for row in one]
    assert all(kind == kinds[0] for kind in kinds)


def test_openrlhf_does_not_grade_the_prompt():
    prompt = "<|user|>Is it \\boxed{3}?<|assistant|>"
    queries = [prompt + "\\boxed{3}", prompt + "I do not know", "<s>" + prompt + "\\boxed{3}</s>"]
    found = openrlhf.reward_func(queries, [prompt] * 3, ["3"] * 3)
    assert list(found["rewards"]) == list(found["scores"]) == [1.0, 0.0, 1.0]
    # A prompt that was cut at its beginning is cut off too.
    cut = [prompt[at:] + "\\boxed{4}" for at in (1, 9, len(prompt) - 1)]
    assert list(openrlhf.reward_func(cut, [prompt] * 3, ["3"] * 3)["scores"]) == [0.0] * 3
    with pytest.raises(ValueError, match=r"queries\[0\]"):
        openrlhf.reward_func(["else"], [prompt], ["3"])
    with pytest.raises(ValueError, match="labels"):
        openrlhf.reward_func(queries, [prompt] * 3, ["3"])
