"""The network as a model of transformers, so that `generate` can run it."""

import torch
from torch.nn import functional as F
from transformers import DynamicCache, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.masking_utils import create_causal_mask
from transformers.modeling_outputs import CausalLMOutputWithPast

from network import Rotary

END = 1


class GeneratorConfig(PretrainedConfig):
    model_type = "eightfold"

    def __init__(self, vocab=0, width=0, heads=1, layers=0, **rest):
        self.vocab_size, self.hidden_size = vocab, width
        self.num_attention_heads, self.num_hidden_layers = heads, layers
        super().__init__(**rest)


class Generator(PreTrainedModel, GenerationMixin):
    config_class = GeneratorConfig
    _supports_sdpa = True

    def __init__(self, config, network=None):
        super().__init__(config)
        self.network = network
        self.post_init()

    @classmethod
    def of(cls, network):
        vocab, width = network.token.weight.shape
        heads, layers = network.blocks[0].heads, len(network.blocks)
        config = GeneratorConfig(vocab, width, heads, layers, eos_token_id=END, pad_token_id=0)
        config._attn_implementation = "sdpa"
        # Padded on the left, a long text beside a short one may stand past the context.
        positions, head = network.rotary.cos.shape
        network.rotary = Rotary(2 * positions, head)
        return cls(config, network).eval()

    def _init_weights(self, module):
        """The weights are there already."""

    def prepare_inputs_for_generation(self, input_ids, next_sequence_length=None, **kwargs):
        """The network reads the token before each token too: of a text's first, and of padding, padding."""
        inputs = super().prepare_inputs_for_generation(input_ids, next_sequence_length=next_sequence_length, **kwargs)
        before = F.pad(input_ids[:, :-1], (1, 0))
        inputs["before"] = before[:, -inputs["input_ids"].shape[1] :]
        return inputs

    def forward(
        self,
        input_ids,
        attention_mask=None,
        position_ids=None,
        past_key_values=None,
        use_cache=None,
        before=None,
        logits_to_keep=0,
        **kwargs,
    ):
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=self.config)
        if before is None:
            before = F.pad(input_ids[:, :-1], (1, 0))
        if position_ids is None:
            position_ids = (attention_mask.cumsum(-1) - 1).clamp(min=0)[:, -input_ids.shape[1] :]
        x = self.network.embed(input_ids, before)
        mask = create_causal_mask(
            config=self.config,
            inputs_embeds=x,
            attention_mask=attention_mask,
            past_key_values=past_key_values,
            position_ids=position_ids,
        )
        cos, sin = (table.unsqueeze(1) for table in self.network.rotary.at(position_ids))
        for layer, block in enumerate(self.network.blocks):

            def attend(q, k, v):
                if past_key_values is not None:
                    k, v = past_key_values.update(k, v, layer)
                causal = mask is None and q.shape[2] > 1
                return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)

            x = block(x, cos, sin, attend)
        logits = self.network.head(x[:, -logits_to_keep:] if logits_to_keep else x)
        return CausalLMOutputWithPast(logits=logits, past_key_values=past_key_values)
