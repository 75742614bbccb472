"""verl: its own loader finds the function by `pkg://`, and its own reward manager calls it."""

import asyncio

import numpy
import pytest

pytest.importorskip("verl.trainer.ppo.reward")

import torch  # noqa: E402
from omegaconf import OmegaConf  # noqa: E402
from verl import DataProto  # noqa: E402
from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager  # noqa: E402
from verl.trainer.ppo.reward import get_custom_reward_fn  # noqa: E402


class Bytes:
    """A token for each byte."""

    def decode(self, ids, skip_special_tokens):
        return bytes(ids.tolist()).decode()


def loaded(name):
    function = {"path": "pkg://eightfold.verl", "name": name, "reward_kwargs": {}}
    return get_custom_reward_fn(OmegaConf.create({"reward": {"custom_reward_function": function}}))


@pytest.mark.parametrize(
    ("truth", "response", "score", "understood"),
    [("1/2", "so \\boxed{0.5}", 1.0, 1.0), ("1/2", "so 0.5", 0.0, 1.0), ("\\frac{", "\\boxed{1}", 0.0, 0.0)],
)
def test_the_reward_manager_calls_our_function(truth, response, score, understood):
    ids = torch.tensor([list(response.encode())])
    data = DataProto.from_dict(
        tensors={"responses": ids, "attention_mask": torch.ones_like(ids)},
        non_tensors={
            "data_source": numpy.array(["ours"], dtype=object),
            "reward_model": numpy.array([{"ground_truth": truth}], dtype=object),
            "extra_info": numpy.array([{"index": 0}], dtype=object),
        },
    )

    async def run():
        manager = NaiveRewardManager(OmegaConf.create({}), Bytes(), loaded("compute_score"))
        return await manager.run_single(data)

    found = asyncio.run(run())
    assert found["reward_score"] == score
    assert found["reward_extra_info"]["acc"] == score
    assert found["reward_extra_info"]["gold_understood"] == understood


def test_the_function_of_batches_is_found():
    found = loaded("compute_score_batch")(
        data_sources=["ours"] * 2, solution_strs=["\\boxed{3}", "4"], ground_truths=["3", "4"], extra_infos=[{}, {}]
    )
    assert [row["score"] for row in found] == [1.0, 0.0]
