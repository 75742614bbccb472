"""Train steps as one would write them in PyTorch: padded batches, fused AdamW, clipping of the global norm."""

import copy

import torch
import torch.nn.functional as F

IGNORED = -100


def padded(texts):
    """Inputs padded at the end, and targets that ignore padding and prompts, of `(prompt, target)` in tokens."""
    length = max(len(prompt) + len(target) for prompt, target in texts) - 1
    inputs = torch.zeros(len(texts), length, dtype=torch.long)
    targets = torch.full((len(texts), length), IGNORED)
    for i, (prompt, target) in enumerate(texts):
        whole = prompt + target
        inputs[i, : len(whole) - 1] = torch.tensor(whole[:-1])
        targets[i, len(prompt) - 1 : len(whole) - 1] = torch.tensor(target)
    return inputs, targets


class Training:
    """Updates on one batch after another."""

    def __init__(self, data, model):
        self.model, self.steps = model, data["steps"]
        how = self.how = data["work"]["training"]
        self.optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=how["rate"],
            betas=how["betas"],
            eps=how["epsilon"],
            weight_decay=how["weight_decay"],
            fused=True,
        )
        self.losses = []

    def update(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.batches[len(self.losses)])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.how["clip"], foreach=True)
        self.optimizer.step()
        self.losses.append(loss.item())

    def warm_up(self):
        self.update()

    def measure(self):
        for _ in range(self.steps):
            self.update()
        return 0

    def check(self):
        """The loss after 20 updates."""
        while len(self.losses) <= 20:
            self.update()
        return {"values": [self.losses[20]]}


class Supervised(Training):
    def __init__(self, data, model, compiled):
        super().__init__(data, model)
        self.batches = [padded(batch) for batch in data["work"]["batches"]]
        self.compiled = compiled
        self.function = torch.compile(self.nll) if compiled else self.nll

    def nll(self, inputs, targets):
        return F.cross_entropy(self.model(inputs).flatten(0, 1), targets.flatten(), ignore_index=IGNORED)

    def loss(self, batch):
        return self.function(*batch)

    def warm_up(self):
        if self.compiled:
            # Batches differ in length: the second length makes it compile for any. Weights stay as they are.
            lengths = {batch[0].shape: batch for batch in self.batches}
            for batch in list(lengths.values())[:3]:
                self.loss(batch).backward()
            self.optimizer.zero_grad(set_to_none=True)
        super().warm_up()


class Preference(Training):
    """DPO with the likelihood of the chosen side, as TRL does it: both rows in full in one padded batch of twice
    the size, log-probabilities gathered by mask, the reference's forward pass in every step."""

    def __init__(self, data, model):
        super().__init__(data, model)
        self.reference = copy.deepcopy(model).requires_grad_(False).eval()
        self.beta, self.nll = data["work"]["beta"], data["work"]["nll"]
        sides = lambda batch: [(p, c) for p, c, _ in batch] + [(p, r) for p, _, r in batch]
        self.batches = [padded(sides(batch)) for batch in data["work"]["batches"]]

    def logps(self, model, inputs, targets):
        logits = model(inputs)
        mask = targets != IGNORED
        labels = targets.masked_fill(~mask, 0)
        chosen = logits.gather(-1, labels.unsqueeze(-1)).squeeze(-1) - logits.logsumexp(-1)
        return (chosen * mask).sum(-1)

    def loss(self, batch):
        inputs, targets = batch
        chosen, rejected = self.logps(self.model, inputs, targets).chunk(2)
        with torch.no_grad():
            reference_chosen, reference_rejected = self.logps(self.reference, inputs, targets).chunk(2)
        margins = (chosen - rejected) - (reference_chosen - reference_rejected)
        tokens = (targets[: len(targets) // 2] != IGNORED).sum()
        return -F.logsigmoid(self.beta * margins).mean() - self.nll * chosen.sum() / tokens
