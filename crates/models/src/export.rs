//! From matrices in the layout of the kernels back to the tensors of a folder: what [`Weights::read`] did, undone.

use crate::Config;
use crate::weights::{Block, Linear, Weights};
use eightfold_kernels::Packed;
use safetensors::Dtype;
use safetensors::tensor::View;
use std::borrow::Cow;
use std::ops::Range;

/// A tensor by its name in `transformers`, which takes memory only while it is written.
pub(crate) struct Tensor<'a> {
    pub(crate) name: String,
    shape: Vec<usize>,
    source: Source<'a>,
}

/// Where the numbers of a tensor are.
enum Source<'a> {
    Vector(Cow<'a, [f32]>),
    Rows(Rows<'a>),
}

/// Some columns of a matrix `[inputs, outputs]`, each of which is a row of the tensor.
struct Rows<'a> {
    matrix: &'a Packed,
    columns: Vec<usize>,
    /// Which input stands at each place of a row; absent where none has moved.
    inputs: Option<Vec<usize>>,
}

impl Rows<'_> {
    fn each(&self, mut take: impl FnMut(&[f32])) {
        let (mut row, mut moved) = (vec![0.0; self.matrix.rows()], Vec::new());
        for &column in &self.columns {
            self.matrix.column(column, &mut row);
            match &self.inputs {
                None => take(&row),
                Some(inputs) => {
                    moved.clear();
                    moved.extend(inputs.iter().map(|&input| row[input]));
                    take(&moved);
                }
            }
        }
    }
}

impl Tensor<'_> {
    /// Calls `take` with the numbers, row by row.
    pub(crate) fn each(&self, mut take: impl FnMut(&[f32])) {
        match &self.source {
            Source::Vector(numbers) => take(numbers),
            Source::Rows(rows) => rows.each(take),
        }
    }
}

impl View for &Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match &self.source {
            Source::Rows(Rows { matrix, .. }) if matrix.is_bf16() => Dtype::BF16,
            _ => Dtype::F32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let mut bytes = Vec::with_capacity(self.data_len());
        match self.dtype() {
            // The numbers were bfloat16 when they were read.
            Dtype::BF16 => self.each(|row| {
                row.iter().for_each(|x| bytes.extend(((x.to_bits() >> 16) as u16).to_le_bytes()))
            }),
            _ => self.each(|row| row.iter().for_each(|x| bytes.extend(x.to_le_bytes()))),
        }
        bytes.into()
    }

    fn data_len(&self) -> usize {
        let size = if self.dtype() == Dtype::BF16 { 2 } else { 4 };
        self.shape.iter().product::<usize>() * size
    }
}

/// Where the numbers of queries are that stand head by head in `transformers`, here in runs.
fn by_head(config: &Config) -> Vec<usize> {
    let Config { heads, head, .. } = *config;
    let group = config.group();
    let place = |h: usize| h % group * (heads / group) + h / group;
    (0..heads * head).map(|at| place(at / head) * head + at % head).collect()
}

impl Weights {
    /// All tensors of the network; those of an untrained one hold the numbers that were read.
    pub(crate) fn tensors(&self, config: &Config) -> Vec<Tensor<'_>> {
        let mut list = List { tensors: Vec::new(), config };
        list.matrix("model.embed_tokens", &self.embedding, 0..config.vocab);
        for (at, block) in self.blocks.iter().enumerate() {
            list.block(&format!("model.layers.{at}."), block);
        }
        list.vector("model.norm.weight".to_owned(), &self.gain);
        if let Some(head) = &self.head {
            list.matrix("lm_head", head, 0..config.vocab);
        }
        list.tensors
    }
}

struct List<'a, 'b> {
    tensors: Vec<Tensor<'a>>,
    config: &'b Config,
}

impl<'a> List<'a, '_> {
    fn block(&mut self, layer: &str, block: &'a Block) {
        let Config { heads, head, inner, width, .. } = *self.config;
        let (queries, kv, moved) = (heads * head, self.config.kv_width(), by_head(self.config));
        let name = |part: &str| format!("{layer}{part}");
        self.vector(name("input_layernorm.weight"), &block.attention_gain);
        self.vector(name("post_attention_layernorm.weight"), &block.inner_gain);
        if let Some([query, key]) = &block.head_gains {
            self.vector(name("self_attn.q_norm.weight"), query);
            self.vector(name("self_attn.k_norm.weight"), key);
        }
        self.linear(&name("self_attn.q_proj"), &block.qkv, moved.clone());
        self.linear(&name("self_attn.k_proj"), &block.qkv, queries..queries + kv);
        self.linear(&name("self_attn.v_proj"), &block.qkv, queries + kv..queries + 2 * kv);
        self.rows(&name("self_attn.o_proj"), &block.out.matrix, (0..width).collect(), Some(moved));
        self.bias(&name("self_attn.o_proj"), block.out.bias.as_ref().map(|bias| bias[..].into()));
        self.linear(&name("mlp.gate_proj"), &block.up, 0..inner);
        self.linear(&name("mlp.up_proj"), &block.up, inner..2 * inner);
        self.linear(&name("mlp.down_proj"), &block.down, 0..width);
    }

    /// Some outputs of a linear layer.
    fn linear(&mut self, name: &str, linear: &'a Linear, outputs: impl IntoIterator<Item = usize>) {
        let outputs: Vec<usize> = outputs.into_iter().collect();
        let bias = linear.bias.as_ref().map(|bias| outputs.iter().map(|&at| bias[at]).collect());
        self.rows(name, &linear.matrix, outputs, None);
        self.bias(name, bias);
    }

    fn matrix(&mut self, name: &str, matrix: &'a Packed, columns: Range<usize>) {
        self.rows(name, matrix, columns.collect(), None);
    }

    fn rows(&mut self, name: &str, matrix: &'a Packed, columns: Vec<usize>, inputs: Option<Vec<usize>>) {
        let shape = vec![columns.len(), matrix.rows()];
        let source = Source::Rows(Rows { matrix, columns, inputs });
        self.tensors.push(Tensor { name: format!("{name}.weight"), shape, source });
    }

    fn bias(&mut self, name: &str, bias: Option<Cow<'a, [f32]>>) {
        if let Some(bias) = bias {
            let shape = vec![bias.len()];
            self.tensors.push(Tensor { name: format!("{name}.bias"), shape, source: Source::Vector(bias) });
        }
    }

    fn vector(&mut self, name: String, numbers: &'a [f32]) {
        self.tensors.push(Tensor {
            name,
            shape: vec![numbers.len()],
            source: Source::Vector(numbers.into()),
        });
    }
}
