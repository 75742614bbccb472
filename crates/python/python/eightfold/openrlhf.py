"""A reward for OpenRLHF: a file with `from eightfold.openrlhf import reward_func`, named by `--reward.remote_url`.

`queries` hold the prompt and the response; the prompt is cut off, so that an answer in it is no answer of the model.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from ._reward import MARKED

__all__ = ["reward_func"]


def reward_func(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[str], **kwargs: Any
) -> dict[str, Any]:
    """Rewards and scores of 1.0 or 0.0, and the same as `accuracy` in `extra_logs`; tensors if torch is loaded."""
    if not len(queries) == len(prompts) == len(labels):
        raise ValueError(f"queries, prompts, labels: {len(queries)}, {len(prompts)} and {len(labels)} rows")
    responses = [_response(i, query, prompt) for i, (query, prompt) in enumerate(zip(queries, prompts))]
    scores = MARKED.verify_batch(labels, responses, threads=1).scores()
    return {"rewards": _tensor(scores), "scores": _tensor(scores), "extra_logs": {"accuracy": _tensor(scores)}}


def _response(i: int, query: str, prompt: str) -> str:
    if query.startswith(prompt):
        return query[len(prompt) :]
    # Special tokens stand before the prompt, or were dropped from it.
    _, found, response = query.partition(prompt)
    if prompt and found:
        return response
    # A long prompt has lost its beginning: what is left of it begins the query.
    for start in range(1, len(prompt)):
        if query.startswith(prompt[start:]):
            return query[len(prompt) - start :]
    raise ValueError(f"queries[{i}]: it does not hold prompts[{i}], so what the model wrote cannot be told")


def _tensor(values: list[float]) -> Any:
    torch = sys.modules.get("torch")
    return values if torch is None else torch.tensor(values)
