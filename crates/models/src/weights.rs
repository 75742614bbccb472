//! From the tensors of a folder to matrices in the layout of the kernels.

use crate::tensors::{Numbers, Tensors};
use crate::{Config, ModelError};
use eightfold_kernels::Packed;

/// The weights of a network.
pub(crate) struct Weights {
    /// The embedding transposed, `[width, vocab]`.
    pub(crate) embedding: Packed,
    pub(crate) blocks: Vec<Block>,
    /// Gain of the last normalization.
    pub(crate) gain: Vec<f32>,
    /// `[width, vocab]`; the embedding's where it is absent.
    pub(crate) head: Option<Packed>,
}

/// The weights of a block.
pub(crate) struct Block {
    /// Gain of the normalization before attention.
    pub(crate) attention_gain: Vec<f32>,
    /// Queries, keys and values. The heads of queries are in the order of [`Weights::read`].
    pub(crate) qkv: Linear,
    /// Gain of each head of queries and of keys, where they are normalized.
    pub(crate) head_gains: Option<[Vec<f32>; 2]>,
    pub(crate) out: Linear,
    /// Gain of the normalization before the feed-forward half.
    pub(crate) inner_gain: Vec<f32>,
    /// Gates and values.
    pub(crate) up: Linear,
    pub(crate) down: Linear,
}

/// A matrix `[inputs, outputs]` and a bias.
pub(crate) struct Linear {
    pub(crate) matrix: Packed,
    pub(crate) bias: Option<Vec<f32>>,
}

impl Linear {
    /// `out [m, outputs] = x [m, inputs]` times the matrix, plus the bias.
    pub(crate) fn apply(&self, m: usize, x: &[f32], out: &mut [f32]) {
        self.matrix.product_by_all(m, x, out);
        if let Some(bias) = &self.bias {
            out.chunks_exact_mut(bias.len()).take(m).for_each(|row| add(row, bias));
        }
    }
}

/// `to += x`.
pub(crate) fn add(to: &mut [f32], x: &[f32]) {
    to.iter_mut().zip(x).for_each(|(to, x)| *to += x);
}

impl Weights {
    /// Reads all tensors that the configuration promises.
    ///
    /// Queries of one group attend to the same keys. Here the first heads of all groups come first, then the second
    /// ones: each such run has one query for each head of keys, and is an ordinary attention.
    pub(crate) fn read(tensors: &mut Tensors, config: &Config) -> Result<Self, ModelError> {
        let Config { width, vocab, .. } = *config;
        let embedding = packed(width, vec![tensors.read("model.embed_tokens.weight", &[vocab, width])?]);
        let mut reader = Reader { tensors, config };
        let blocks = (0..config.layers).map(|at| reader.block(at)).collect::<Result<_, _>>()?;
        let gain = reader.vector("model.norm.weight", width)?;
        // A folder that is tied may still have the head.
        let head = match config.tied {
            true => None,
            false => Some(packed(width, vec![reader.tensors.read("lm_head.weight", &[vocab, width])?])),
        };
        Ok(Self { embedding, blocks, gain, head })
    }
}

struct Reader<'a> {
    tensors: &'a mut Tensors,
    config: &'a Config,
}

impl Reader<'_> {
    fn block(&mut self, at: usize) -> Result<Block, ModelError> {
        let Config { width, inner, head, heads, .. } = *self.config;
        let layer = format!("model.layers.{at}.");
        let name = |part: &str| format!("{layer}{part}");
        let attention_gain = self.vector(&name("input_layernorm.weight"), width)?;
        let inner_gain = self.vector(&name("post_attention_layernorm.weight"), width)?;
        let head_gains = match self.config.architecture {
            crate::Architecture::Qwen3 => Some([
                self.vector(&name("self_attn.q_norm.weight"), head)?,
                self.vector(&name("self_attn.k_norm.weight"), head)?,
            ]),
            _ => None,
        };
        let out = self.tensors.read(&name("self_attn.o_proj.weight"), &[width, heads * head])?;
        let out_bias = self.config.out_bias;
        Ok(Block {
            attention_gain,
            qkv: self.qkv(&name("self_attn."))?,
            head_gains,
            out: Linear {
                matrix: packed(heads * head, vec![self.by_run(out, heads * head, head)]),
                bias: self.bias(out_bias, &[(&name("self_attn.o_proj"), width)])?,
            },
            inner_gain,
            up: self.linear(width, &[(&name("mlp.gate_proj"), inner), (&name("mlp.up_proj"), inner)])?,
            down: self.linear(inner, &[(&name("mlp.down_proj"), width)])?,
        })
    }

    /// Queries, keys and values as one matrix.
    fn qkv(&mut self, layer: &str) -> Result<Linear, ModelError> {
        let Config { width, heads, head, qkv_bias, .. } = *self.config;
        let (q, kv) = (heads * head, self.config.kv_width());
        let mut parts = Vec::new();
        for (part, outputs) in [("q_proj", q), ("k_proj", kv), ("v_proj", kv)] {
            let part = self.tensors.read(&format!("{layer}{part}.weight"), &[outputs, width])?;
            parts.push(part);
        }
        let queries = self.by_run(parts.remove(0), q * width, head * width);
        parts.insert(0, queries);
        let names = ["q_proj", "k_proj", "v_proj"].map(|part| format!("{layer}{part}"));
        let bias = self.bias(qkv_bias, &[(&names[0], q), (&names[1], kv), (&names[2], kv)])?;
        let bias = bias.map(|mut bias| {
            let queries = self.by_run(Numbers::F32(bias[..q].to_vec()), q, head).into_f32();
            bias[..q].copy_from_slice(&queries);
            bias
        });
        Ok(Linear { matrix: packed(width, parts), bias })
    }

    /// A layer of the feed-forward half, of one tensor or several above one another.
    fn linear(&mut self, inputs: usize, parts: &[(&str, usize)]) -> Result<Linear, ModelError> {
        let mut numbers = Vec::new();
        for (name, outputs) in parts {
            numbers.push(self.tensors.read(&format!("{name}.weight"), &[*outputs, inputs])?);
        }
        let bias = self.bias(self.config.inner_bias, parts)?;
        Ok(Linear { matrix: packed(inputs, numbers), bias })
    }

    fn bias(&mut self, wanted: bool, parts: &[(&str, usize)]) -> Result<Option<Vec<f32>>, ModelError> {
        if !wanted {
            return Ok(None);
        }
        let mut bias = Vec::new();
        for (name, length) in parts {
            bias.extend(self.vector(&format!("{name}.bias"), *length)?);
        }
        Ok(Some(bias))
    }

    fn vector(&mut self, name: &str, length: usize) -> Result<Vec<f32>, ModelError> {
        Ok(self.tensors.read(name, &[length])?.into_f32())
    }

    /// Moves the heads of queries, each `head` numbers long, from the order of groups to that of runs, in each row of
    /// `row` numbers.
    fn by_run(&self, numbers: Numbers, row: usize, head: usize) -> Numbers {
        let (group, heads) = (self.config.group(), self.config.heads);
        let order: Vec<usize> = (0..group).flat_map(|run| (run..heads).step_by(group)).collect();
        match numbers {
            Numbers::F32(numbers) => Numbers::F32(reordered(&numbers, row, head, &order)),
            Numbers::Bf16(numbers) => Numbers::Bf16(reordered(&numbers, row, head, &order)),
        }
    }
}

/// In each row of `row` numbers, piece `order[i]` of `piece` numbers comes to place i.
fn reordered<T: Copy>(numbers: &[T], row: usize, piece: usize, order: &[usize]) -> Vec<T> {
    let moved =
        |row: &[T]| order.iter().flat_map(|&from| row[from * piece..][..piece].to_vec()).collect::<Vec<_>>();
    numbers.chunks_exact(row).flat_map(moved).collect()
}

/// Matrices with `inputs` columns above one another, packed for products. They stay bfloat16 if all of them are.
fn packed(inputs: usize, parts: Vec<Numbers>) -> Packed {
    let halves: Option<Vec<&[u16]>> = parts
        .iter()
        .map(|part| if let Numbers::Bf16(halves) = part { Some(&halves[..]) } else { None })
        .collect();
    match halves {
        Some(halves) => Packed::of_bf16_rows(inputs, &halves.concat()),
        None => {
            let wide: Vec<f32> = parts.into_iter().flat_map(Numbers::into_f32).collect();
            Packed::of_rows(inputs, &wide)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_moved_within_each_row() {
        let numbers: Vec<usize> = (0..24).collect();
        // Two rows of six heads in two groups of three, each head two numbers.
        let order = [0, 3, 1, 4, 2, 5];
        let row = [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11];
        let want: Vec<usize> = row.into_iter().chain(row.map(|x| x + 12)).collect();
        assert_eq!(reordered(&numbers, 12, 2, &order), want);
    }

    #[test]
    fn a_matrix_is_narrow_only_if_all_its_parts_are() {
        let wide = || Numbers::F32(vec![1.0, 2.0]);
        let narrow = || Numbers::Bf16(vec![0x3f80, 0x4000]);
        for parts in [vec![wide(), wide()], vec![wide(), narrow()], vec![narrow(), narrow()]] {
            let packed = packed(2, parts);
            let mut out = [0.0; 2];
            packed.product_by_all(1, &[10.0, 1.0], &mut out);
            assert_eq!((out, packed.columns()), ([12.0; 2], 2));
        }
    }
}
