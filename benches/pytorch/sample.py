"""Sampling: a hand-written loop over a preallocated cache, and `generate` of transformers."""

import torch
import torch.nn.functional as F


class Texts:
    """Texts of one length, extended by as many tokens each."""

    def __init__(self, data, model):
        self.model, self.steps, self.scored = model.eval(), data["steps"], data["scored"]
        self.longest = data["work"]["longest"]
        self.prompts = torch.tensor(data["work"]["tokens"])

    def cache(self, batch):
        shape = (batch, self.model.blocks[0].heads, self.prompts.shape[1] + self.longest)
        head = self.model.rotary.cos.shape[1]
        return [(torch.zeros(*shape, head), torch.zeros(*shape, head)) for _ in self.model.blocks]

    def read(self, tokens, before, start, cache):
        """Logits after these tokens, which stand from `start` on."""
        end = start + tokens.shape[1]
        cos, sin = self.model.rotary.cos[start:end], self.model.rotary.sin[start:end]
        x = self.model.embed(tokens, before)
        for block, (keys, values) in zip(self.model.blocks, cache):

            def attend(q, k, v):
                keys[:, :, start:end], values[:, :, start:end] = k, v
                return F.scaled_dot_product_attention(q, keys[:, :, :end], values[:, :, :end], is_causal=start == 0)

            x = block(x, cos, sin, attend)
        return self.model.head(x[:, -1])

    def walk(self, prompts, choose):
        """Reads the prompts, then whatever `choose` makes of the logits."""
        cache = self.cache(len(prompts))
        logits = self.read(prompts, F.pad(prompts[:, :-1], (1, 0)), 0, cache)
        before = prompts[:, -1:]
        for at in range(self.longest):
            token = choose(at, logits)
            if at + 1 < self.longest:
                logits = self.read(token, before, prompts.shape[1] + at, cache)
            before = token
            yield token

    @torch.inference_mode()
    def draw(self):
        draw = lambda _, logits: torch.multinomial(F.softmax(logits, -1), 1)
        return torch.cat(list(self.walk(self.prompts, draw)), 1)

    def warm_up(self):
        self.draw()

    def measure(self):
        return sum(self.draw().numel() for _ in range(self.steps))

    @torch.inference_mode()
    def check(self):
        """Log-probabilities of given texts, read through the cache as if they had been drawn."""
        prompts = torch.tensor([prompt for prompt, _ in self.scored])
        targets = torch.tensor([target for _, target in self.scored])
        sums = torch.zeros(len(prompts))

        def given(at, logits):
            token = targets[:, at : at + 1]
            sums.add_(F.log_softmax(logits, -1).gather(1, token).squeeze(1))
            return token

        for _ in self.walk(prompts, given):
            pass
        return {"values": sums.tolist()}


# Prompts that `generate` extends together, times the completions of each. Of 16 to 256 the fastest here.
TOGETHER = 32


class Rollouts:
    """Completions of prompts of many lengths by `generate`, padded on the left, each batch until its last text
    ends. Prompts are sorted by length, so that little of a batch is padding."""

    def __init__(self, data, model):
        import generator

        self.model = generator.Generator.of(model)
        work = data["work"]
        self.steps, self.longest, self.copies = data["steps"], work["longest"], work["copies"]
        self.prompts = sorted(work["tokens"], key=len)
        self.greedy, self.scored = work["tokens"][: work["greedy"]], data["scored"]

    def generate(self, prompts, **how):
        length = max(map(len, prompts))
        inputs = torch.tensor([[0] * (length - len(p)) + p for p in prompts])
        mask = torch.tensor([[0] * (length - len(p)) + [1] * len(p) for p in prompts])
        with torch.inference_mode():
            out = self.model.generate(
                inputs, attention_mask=mask, max_new_tokens=self.longest - min(map(len, prompts)), pad_token_id=0, **how
            )
        return out[:, length:]

    def call(self, prompts):
        tokens = 0
        for start in range(0, len(prompts), TOGETHER):
            batch = prompts[start : start + TOGETHER]
            new = self.generate(batch, do_sample=True, top_k=0, num_return_sequences=self.copies)
            tokens += int((new != 0).sum())
        return tokens

    def warm_up(self):
        self.call(self.prompts[:: len(self.prompts) // TOGETHER])

    def measure(self):
        return sum(self.call(self.prompts) for _ in range(self.steps))

    def check(self):
        texts = [[token for token in text if token != 0] for text in self.generate(self.greedy).tolist()]
        return {"values": self.scores(), "texts": texts}

    @torch.inference_mode()
    def scores(self):
        """Log-probabilities of given solutions, padded on the left."""
        length = max(len(p) + len(t) for p, t in self.scored)
        pad = [length - len(p) - len(t) for p, t in self.scored]
        inputs = torch.tensor([[0] * n + p + t for n, (p, t) in zip(pad, self.scored)])
        mask = torch.tensor([[0] * n + [1] * (length - n) for n in pad])
        logps = F.log_softmax(self.model(inputs, attention_mask=mask).logits[:, :-1], -1)
        logps = logps.gather(2, inputs[:, 1:, None]).squeeze(2)
        return [float(logps[i, length - 1 - len(t) :].sum()) for i, (_, t) in enumerate(self.scored)]
