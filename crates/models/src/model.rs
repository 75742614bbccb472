//! A model folder.

use crate::chat::TokenizerConfig;
use crate::network::{Network, Reading};
use crate::save::Files;
use crate::tensors::Tensors;
use crate::weights::Weights;
use crate::{Chat, Config, Date, ModelError, Text, TextError, Turn};
use eightfold_kernels::Cache;
use std::path::Path;

/// A language model in memory: network, tokenizer and chat template.
pub struct Model {
    pub(crate) config: Config,
    pub(crate) network: Network,
    text: Text,
    chat: Option<Chat>,
    pub(crate) files: Files,
}

/// What a folder says of its model without the weights: enough to count tokens and operations.
pub struct Outline {
    /// Size and form.
    pub config: Config,
    /// The tokenizer.
    pub text: Text,
}

impl Outline {
    /// Reads `config.json`, `tokenizer.json` and where it exists `generation_config.json`.
    ///
    /// # Errors
    /// The first thing that is wrong with them.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let config = Config::open(folder)?;
        let text = Text::open(folder, config.vocab)?;
        Ok(Self { config, text })
    }
}

/// Tokens read together.
pub(crate) const PIECE: usize = 128;

impl Model {
    /// Reads a folder in the form of Hugging Face: `config.json`, `model.safetensors` (or shards and their index),
    /// `tokenizer.json`, and where they exist `tokenizer_config.json`, `chat_template.jinja` and
    /// `generation_config.json`.
    ///
    /// # Errors
    /// The first thing that is wrong with the folder. All small files are read before the weights.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let Outline { mut config, text } = Outline::open(folder)?;
        let tokenizer = TokenizerConfig::open(folder)?;
        let chat = Chat::open(folder, &tokenizer)?;
        let files = Files::open(folder)?;
        if config.ends.is_empty() {
            config.ends.extend(tokenizer.token("eos_token").and_then(|token| text.id(token)));
        }
        let mut tensors = Tensors::open(folder)?;
        let weights = Weights::read(&mut tensors, &config)?;
        let network = Network::new(weights, config.clone());
        Ok(Self { config, network, text, chat, files })
    }

    /// Size and form.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The tokenizer.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The chat template, if the folder has one.
    pub fn chat(&self) -> Option<&Chat> {
        self.chat.as_ref()
    }

    /// Tokens that end a text.
    pub fn ends(&self) -> &[u32] {
        &self.config.ends
    }

    /// The tokens of a chat that the assistant is to go on with ([`Chat::render`]).
    ///
    /// # Errors
    /// If the folder has no template, or the template or the tokenizer fails.
    pub fn encode_chat(&self, turns: &[Turn], date: Option<Date>) -> Result<Vec<u32>, TextError> {
        let chat = self.chat.as_ref().ok_or(TextError::NoTemplate)?;
        // The template writes the beginning of text itself.
        self.text.encode(&chat.render(turns, date)?, false)
    }

    /// Whether a prompt can be continued.
    ///
    /// # Errors
    /// If it has no tokens, or leaves no room in the context.
    pub fn check(&self, prompt: &[u32]) -> Result<(), TextError> {
        let context = self.config.context;
        match prompt.len() {
            0 => Err(TextError::Empty),
            n if n >= context => Err(TextError::TooLong { tokens: n, context }),
            _ => Ok(()),
        }
    }

    /// Logits of the token after each of `tokens`, `[tokens, vocab]`.
    ///
    /// # Panics
    /// If a token is not below the vocabulary's size.
    pub fn logits(&self, tokens: &[u32]) -> Vec<f32> {
        let mut cache = Cache::empty();
        let read = |tokens: &[u32]| self.network.read(&mut [Reading { cache: &mut cache, tokens }]);
        let hidden: Vec<f32> = tokens.chunks(PIECE).flat_map(read).collect();
        self.network.logits(&hidden).to_vec()
    }
}
