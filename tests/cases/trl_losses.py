"""Losses and gradients as TRL computes them, for tests/losses.rs to be held against.

Any Python with TRL will do; no model is loaded and nothing is fetched:

    python -m venv venv && venv/bin/pip install trl==0.19.1 "transformers<4.54" torch==2.9.0
    venv/bin/python tests/cases/trl_losses.py > tests/cases/trl_losses.json

TRL's loss functions are methods of its trainers; they are called on an object that has the fields they read.
All numbers are double precision.
"""

import json
from types import SimpleNamespace

import torch
import transformers
import trl
from trl.trainer.cpo_trainer import CPOTrainer
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.utils import selective_log_softmax

# Summed log-probabilities in nats, and tokens: ordinary pairs, long ones, a near tie, and a lost cause.
PAIRS = {
    "chosen": [-3.25, -41.5, -0.0625, -812.5, -17.0, -4.0],
    "rejected": [-4.5, -38.25, -2.75, -820.0, -16.875, -90.0],
    "reference_chosen": [-3.5, -40.0, -0.5, -800.25, -17.125, -9.0],
    "reference_rejected": [-4.0, -39.0, -0.75, -801.0, -17.0, -8.5],
    "chosen_tokens": [4, 20, 1, 300, 12, 3],
    "rejected_tokens": [5, 16, 2, 310, 12, 40],
}
LOGITS = [[[0.3, -1.2, 2.0, 0.0], [4.0, 0.5, -0.5, 1.0]], [[-30.0, 25.0, 1.5, 3.0], [0.0, 0.0, 0.0, 0.0]]]
TARGETS = [[2, 1], [0, 3]]


def dpo(loss_type, beta, smoothing=0.0):
    fields = SimpleNamespace(
        accelerator=SimpleNamespace(device="cpu"),
        reference_free=False,
        f_divergence_type="reverse_kl",
        f_divergence_params=None,
        beta=beta,
        label_smoothing=smoothing,
        loss_type=loss_type,
    )
    return lambda c, r, rc, rr: DPOTrainer.dpo_loss(fields, c, r, rc, rr)[0]


def simpo(beta, gamma):
    fields = SimpleNamespace(
        accelerator=SimpleNamespace(device="cpu"), beta=beta, simpo_gamma=gamma, label_smoothing=0.0, loss_type="simpo"
    )
    return lambda c, r, _rc, _rr: CPOTrainer.cpo_loss(fields, c, r)[0]


def case(name, parameters, loss, per_token):
    """`per_token`: the caller divides sums by tokens before this loss, as TRL's trainers do for it."""
    column = {key: torch.tensor(values, dtype=torch.float64) for key, values in PAIRS.items()}
    chosen, rejected = column["chosen"].requires_grad_(), column["rejected"].requires_grad_()
    nc, nr = (column["chosen_tokens"], column["rejected_tokens"]) if per_token else (1, 1)
    losses = loss(chosen / nc, rejected / nr, column["reference_chosen"] / nc, column["reference_rejected"] / nr)
    losses.sum().backward()
    return {
        "name": name,
        "parameters": parameters,
        "losses": losses.tolist(),
        "chosen_gradients": chosen.grad.tolist(),
        "rejected_gradients": rejected.grad.tolist(),
    }


cases = []
for beta in (0.1, 0.5):
    cases.append(case("dpo", [beta], dpo("sigmoid", beta), False))
    cases.append(case("conservative_dpo", [beta, 0.2], dpo("sigmoid", beta, 0.2), False))
    cases.append(case("ipo_sum", [beta], dpo("ipo", beta), False))
    cases.append(case("ipo_mean", [beta], dpo("ipo", beta), True))
    cases.append(case("length_normalized_dpo", [10 * beta], dpo("sigmoid", 10 * beta), True))
    cases.append(case("simpo", [20 * beta, 0.8], simpo(20 * beta, 0.8), True))

logps = selective_log_softmax(torch.tensor(LOGITS, dtype=torch.float64), torch.tensor(TARGETS))
print(
    json.dumps(
        {
            "made_by": "tests/cases/trl_losses.py",
            "versions": {"trl": trl.__version__, "torch": torch.__version__, "transformers": transformers.__version__},
            "pairs": PAIRS,
            "cases": cases,
            "logits": LOGITS,
            "targets": TARGETS,
            "token_logps": logps.tolist(),
        },
        indent=1,
    )
)
