//! `config.json`: which network a folder holds.

use crate::ModelError;
use crate::rope::{Rope, RopeParameters};
use serde::Deserialize;
use std::path::Path;

/// Names of the architectures that are known.
pub(crate) const KNOWN: [&str; 3] = ["LlamaForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM"];

/// No network has wider heads by far.
const WIDEST_HEAD: usize = 1 << 16;

/// A network's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Llama, and what has its form (SmolLM2, TinyLlama).
    Llama,
    /// Qwen2 and 2.5: biases on queries, keys and values.
    Qwen2,
    /// Qwen3: queries and keys are normalized, head by head.
    Qwen3,
}

/// A network's size and form.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Kind.
    pub architecture: Architecture,
    /// Rows of the embedding.
    pub vocab: usize,
    /// Numbers of a hidden state.
    pub width: usize,
    /// Numbers inside a feed-forward half.
    pub inner: usize,
    /// Blocks.
    pub layers: usize,
    /// Heads of queries.
    pub heads: usize,
    /// Heads of keys and values, each of which serves as many heads of queries.
    pub kv_heads: usize,
    /// Numbers of a head.
    pub head: usize,
    /// Added to the mean square where hidden states are normalized.
    pub epsilon: f32,
    /// Longest text, in tokens.
    pub context: usize,
    /// Whether the head is the embedding.
    pub tied: bool,
    /// Biases of queries, keys and values.
    pub(crate) qkv_bias: bool,
    /// Bias of what attention gives.
    pub(crate) out_bias: bool,
    /// Biases of the feed-forward half.
    pub(crate) inner_bias: bool,
    pub(crate) rope: Rope,
    /// Tokens that end a text.
    pub(crate) ends: Vec<u32>,
}

/// `config.json`, as far as it counts.
#[derive(Deserialize)]
struct Raw {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    hidden_act: Option<String>,
    rms_norm_eps: Option<f64>,
    max_position_embeddings: Option<usize>,
    #[serde(default)]
    tie_word_embeddings: bool,
    attention_bias: Option<bool>,
    mlp_bias: Option<bool>,
    rope_theta: Option<f64>,
    rope_parameters: Option<RopeParameters>,
    rope_scaling: Option<RopeParameters>,
    partial_rotary_factor: Option<f64>,
    use_sliding_window: Option<bool>,
    quantization_config: Option<serde_json::Value>,
    eos_token_id: Option<Ends>,
}

/// `architectures` alone: what else an unknown one has may differ.
#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    architectures: Vec<String>,
}

/// One token or several.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Ends {
    One(u32),
    Several(Vec<u32>),
}

/// `generation_config.json`, as far as it counts.
#[derive(Deserialize)]
struct Generation {
    eos_token_id: Option<Ends>,
}

impl From<Ends> for Vec<u32> {
    fn from(ends: Ends) -> Self {
        match ends {
            Ends::One(end) => vec![end],
            Ends::Several(ends) => ends,
        }
    }
}

fn json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, ModelError> {
    let text = std::fs::read_to_string(path).map_err(|source| crate::tensors::file(path, source))?;
    serde_json::from_str(&text)
        .map_err(|error| ModelError::Json { path: path.to_owned(), message: error.to_string() })
}

impl Config {
    /// Reads `config.json` and, where it exists, `generation_config.json`.
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("config.json");
        let name = json::<Kind>(&path)?.architectures.into_iter().next().unwrap_or_default();
        let architecture = match name.as_str() {
            "LlamaForCausalLM" => Architecture::Llama,
            "Qwen2ForCausalLM" => Architecture::Qwen2,
            "Qwen3ForCausalLM" => Architecture::Qwen3,
            _ => return Err(ModelError::Architecture { path, name }),
        };
        let raw: Raw = json(&path)?;
        let mut config =
            raw.checked(architecture).map_err(|(key, message)| ModelError::Value { path, key, message })?;
        let generation = folder.join("generation_config.json");
        if generation.exists()
            && let Some(ends) = json::<Generation>(&generation)?.eos_token_id
        {
            config.ends = ends.into();
        }
        Ok(config)
    }

    /// Query heads for each head of keys and values.
    pub(crate) fn group(&self) -> usize {
        self.heads / self.kv_heads
    }

    /// Numbers of a token's keys, and of its values.
    pub(crate) fn kv_width(&self) -> usize {
        self.kv_heads * self.head
    }
}

/// A key, and what is wrong with its value.
type Wrong = (&'static str, String);

impl Raw {
    fn checked(self, architecture: Architecture) -> Result<Config, Wrong> {
        self.check()?;
        let qwen = architecture == Architecture::Qwen2;
        let (heads, attention_bias) = (self.num_attention_heads, self.attention_bias.unwrap_or(false));
        let head = match (self.head_dim, architecture) {
            (Some(head), _) => head,
            (None, Architecture::Qwen3) => 128,
            (None, _) => self.hidden_size / heads,
        };
        if head == 0 || !head.is_multiple_of(2) || head > WIDEST_HEAD {
            return Err(("head_dim", format!("{head} is not an even number from 2 to {WIDEST_HEAD}")));
        }
        let context = self.max_position_embeddings.unwrap_or(if architecture == Architecture::Llama {
            2048
        } else {
            32768
        });
        let parameters = self.rope_parameters.as_ref().or(self.rope_scaling.as_ref());
        let parameters = parameters.cloned().unwrap_or_default();
        let part = parameters.partial_rotary_factor.or(self.partial_rotary_factor).unwrap_or(1.0);
        if part != 1.0 {
            return Err((
                "partial_rotary_factor",
                format!("{part}: heads are turned as a whole, or not at all"),
            ));
        }
        let theta = parameters.rope_theta.or(self.rope_theta).unwrap_or(10_000.0);
        Ok(Config {
            architecture,
            vocab: self.vocab_size,
            width: self.hidden_size,
            inner: self.intermediate_size,
            layers: self.num_hidden_layers,
            heads,
            kv_heads: self.num_key_value_heads.unwrap_or(heads),
            head,
            epsilon: self.rms_norm_eps.unwrap_or(1e-6) as f32,
            context,
            tied: self.tie_word_embeddings,
            qkv_bias: attention_bias || qwen,
            out_bias: attention_bias && !qwen,
            inner_bias: self.mlp_bias.unwrap_or(false) && architecture == Architecture::Llama,
            rope: Rope::new(&parameters, theta, head, context)
                .map_err(|message| ("rope_parameters", message))?,
            ends: self.eos_token_id.map_or_else(Vec::new, Vec::from),
        })
    }

    /// What a network cannot have at all, and what this crate cannot compute.
    fn check(&self) -> Result<(), Wrong> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_attention_heads", self.num_attention_heads),
            ("num_key_value_heads", self.num_key_value_heads.unwrap_or(1)),
        ];
        if let Some((key, _)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Err((key, "it is 0".to_owned()));
        }
        let (heads, kv_heads) = (self.num_attention_heads, self.num_key_value_heads.unwrap_or(1));
        if !heads.is_multiple_of(kv_heads) {
            return Err((
                "num_key_value_heads",
                format!("{kv_heads} does not divide {heads} heads of queries"),
            ));
        }
        if let Some(other) = self.hidden_act.as_deref().filter(|act| *act != "silu") {
            return Err(("hidden_act", format!("{other:?} is not known, only \"silu\"")));
        }
        if self.use_sliding_window == Some(true) {
            return Err(("use_sliding_window", "attention over a window is not known".to_owned()));
        }
        if self.quantization_config.as_ref().is_some_and(|config| !config.is_null()) {
            return Err(("quantization_config", "only weights in F32, F16 or BF16 are read".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn open(changes: Value, generation: Option<&str>) -> Result<Config, String> {
        let mut config = json!({
            "architectures": ["LlamaForCausalLM"], "vocab_size": 200, "hidden_size": 32, "intermediate_size": 64,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_act": "silu",
            "rms_norm_eps": 1e-5, "max_position_embeddings": 64, "eos_token_id": 3,
        });
        for (key, value) in changes.as_object().expect("an object") {
            config[key] = value.clone();
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        if let Some(generation) = generation {
            std::fs::write(folder.path().join("generation_config.json"), generation).unwrap();
        }
        Config::open(folder.path())
            .map_err(|error| error.to_string().replace(folder.path().to_str().unwrap(), "DIR"))
    }

    #[test]
    fn what_is_not_given_is_derived() {
        let config = open(json!({}), None).unwrap();
        assert_eq!((config.head, config.group(), config.kv_width(), config.tied), (8, 2, 16, false));
        assert_eq!((config.qkv_bias, config.out_bias, config.inner_bias), (false, false, false));
        let qwen =
            open(json!({"architectures": ["Qwen2ForCausalLM"], "num_key_value_heads": null}), None).unwrap();
        assert_eq!((qwen.qkv_bias, qwen.out_bias, qwen.kv_heads), (true, false, 4));
        let qwen = open(json!({"architectures": ["Qwen3ForCausalLM"]}), None).unwrap();
        assert_eq!((qwen.qkv_bias, qwen.head), (false, 128));
    }

    #[test]
    fn ends_of_text_are_those_of_generation() {
        let ends = |changes, generation| open(changes, generation).unwrap().ends;
        assert_eq!(ends(json!({}), None), [3]);
        assert_eq!(ends(json!({"eos_token_id": [3, 4]}), Some("{}")), [3, 4]);
        assert_eq!(ends(json!({}), Some(r#"{"eos_token_id": [5, 6]}"#)), [5, 6]);
        assert!(ends(json!({"eos_token_id": null}), None).is_empty());
    }

    #[test]
    fn old_and_new_names_of_positions_mean_the_same() {
        let rope = |changes| open(changes, None).unwrap().rope;
        let old = rope(json!({"rope_theta": 500.0, "rope_scaling": {"type": "linear", "factor": 2.0}}));
        let new =
            rope(json!({"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 500.0}}));
        assert_eq!(old, new);
        assert_ne!(new, rope(json!({})));
        assert_eq!(rope(json!({"rope_scaling": null, "rope_theta": 10_000.0})), rope(json!({})));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_key() {
        let cases = [
            (
                json!({"architectures": ["GptForMars"]}),
                "unknown architecture \"GptForMars\"; known are Llama",
            ),
            (json!({"architectures": []}), "unknown architecture \"\""),
            (json!({"hidden_size": "wide"}), "invalid type: string \"wide\""),
            (json!({"num_key_value_heads": 3}), "num_key_value_heads: 3 does not divide 4 heads"),
            (json!({"num_attention_heads": 0}), "num_attention_heads: it is 0"),
            (json!({"head_dim": 7}), "head_dim: 7 is not an even number"),
            (json!({"hidden_act": "gelu"}), "hidden_act: \"gelu\" is not known"),
            (json!({"rope_scaling": {"rope_type": "su"}}), "rope_parameters: unknown rope type \"su\""),
            (json!({"use_sliding_window": true}), "use_sliding_window: "),
            (json!({"partial_rotary_factor": 0.5}), "partial_rotary_factor: 0.5"),
            (json!({"quantization_config": {"bits": 4}}), "quantization_config: "),
        ];
        for (changes, why) in cases {
            let message = open(changes, None).unwrap_err();
            assert!(message.starts_with("DIR/config.json: ") && message.contains(why), "{message}");
        }
    }
}
