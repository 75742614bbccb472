"""The network of `crates/gpt/src/model.rs` in PyTorch, as one would write it there."""

import json
import os
import struct

import torch
import torch.nn.functional as F
from torch import nn


class Rotary(nn.Module):
    """Rotates the first half of each head against the second."""

    def __init__(self, positions, head):
        super().__init__()
        half = head // 2
        angles = torch.arange(positions).double()[:, None] * 10_000.0 ** (-torch.arange(half).double() / half)
        self.register_buffer("cos", torch.cat([angles.cos()] * 2, -1).float(), persistent=False)
        self.register_buffer("sin", torch.cat([angles.sin()] * 2, -1).float(), persistent=False)

    def at(self, positions):
        return self.cos[positions], self.sin[positions]


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-b, a], dim=-1) * sin


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x, cos, sin, attend):
        """`attend` is given queries, keys and values `[batch, heads, seq, head]`."""
        batch, length, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, width // self.heads)
        # Queries and keys are rotated in one go.
        both = rotate(qkv[:, :, :2].permute(2, 0, 3, 1, 4), cos, sin)
        attended = attend(both[0], both[1], qkv[:, :, 2].transpose(1, 2))
        x = x + self.out(attended.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Network(nn.Module):
    def __init__(self, vocab, context, width, heads, layers):
        super().__init__()
        self.token = nn.Embedding(vocab, width)
        self.previous = nn.Embedding(vocab, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.rotary = Rotary(context, width // heads)

    def embed(self, tokens, before):
        return self.token(tokens) + self.previous(before)

    def head(self, x):
        return F.linear(self.norm(x), self.token.weight)

    def forward(self, tokens):
        """Logits of the next token at every position of whole texts, padded at the end."""
        cos, sin = self.rotary.cos[: tokens.shape[1]], self.rotary.sin[: tokens.shape[1]]
        x = self.embed(tokens, F.pad(tokens[:, :-1], (1, 0)))
        for block in self.blocks:
            x = block(x, cos, sin, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True))
        return self.head(x)


def tensors(path):
    """The tensors of a safetensors file of f32."""
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(size)), file.read()
    header.pop("__metadata__", None)
    for name, tensor in header.items():
        assert tensor["dtype"] == "F32", f"{name} is {tensor['dtype']}"
        start, end = tensor["data_offsets"]
        yield name, torch.frombuffer(bytearray(data[start:end]), dtype=torch.float32).view(tensor["shape"])


def load(folder):
    """The network of a checkpoint."""
    with open(os.path.join(folder, "config.json")) as file:
        network = Network(**json.load(file)["model"])
    weights = {}
    for name, tensor in tensors(os.path.join(folder, "model.safetensors")):
        # burn stores the matrix of a linear layer input by output, and calls gain and bias gamma and beta.
        linear = tensor.dim() == 2 and name.startswith("blocks.")
        name = name.replace("gamma", "weight").replace("norm1.beta", "norm1.bias").replace("norm2.beta", "norm2.bias")
        weights[name.replace("norm.beta", "norm.bias")] = tensor.T.contiguous() if linear else tensor
    network.load_state_dict(weights)
    return network
