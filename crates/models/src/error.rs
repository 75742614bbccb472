//! What can be wrong with a model folder.

use std::path::PathBuf;

/// Why a model could not be read. Every message begins with the file at fault.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not the JSON that it should be.
    #[error("{}: {message}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column or with the key.
        message: String,
    },
    /// `config.json` describes a network that this crate has not.
    #[error("{}: unknown architecture {name:?}; known are {}", path.display(), crate::config::KNOWN.join(", "))]
    Architecture {
        /// The file.
        path: PathBuf,
        /// The first of its `architectures`.
        name: String,
    },
    /// A key of `config.json` has a value that cannot be.
    #[error("{}: {key}: {message}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        message: String,
    },
    /// The index names a file that is not there.
    #[error("{}: the shard {shard} is missing", index.display())]
    Shard {
        /// `model.safetensors.index.json`.
        index: PathBuf,
        /// The file that it names.
        shard: String,
    },
    /// A safetensors file is not whole.
    #[error("{}: {found} bytes, where its header promises {promised}: the file was cut", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes of the file.
        found: u64,
        /// Bytes that it should have.
        promised: u64,
    },
    /// A safetensors file is damaged in another way.
    #[error("{}: not a safetensors file: {message}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A tensor is not where it should be.
    #[error("{}: no tensor {name}", path.display())]
    Missing {
        /// The file or the index that should name it.
        path: PathBuf,
        /// The tensor.
        name: String,
    },
    /// A tensor is of another kind than the configuration says.
    #[error("{}: tensor {name} is {found}, not {wanted}", path.display())]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its shape or type.
        found: String,
        /// What it should be.
        wanted: String,
    },
    /// `tokenizer.json` cannot be used.
    #[error("{}: {message}", path.display())]
    Tokenizer {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A token has no row in the embedding.
    #[error("{}: token {token:?} has id {id}, but the embedding has {rows} rows", path.display())]
    Vocabulary {
        /// `tokenizer.json`.
        path: PathBuf,
        /// The token.
        token: String,
        /// Its id.
        id: u32,
        /// `vocab_size`.
        rows: usize,
    },
    /// A chat template cannot be parsed.
    #[error("{}: chat_template: {message}", path.display())]
    Template {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// Why a text could not be made into tokens, or tokens into a text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The `tokenizers` library says no.
    #[error("the tokenizer failed: {message}")]
    Tokenizer {
        /// Its words.
        message: String,
    },
    /// A chat cannot be rendered: the template raises an exception or uses what is not there.
    #[error("the chat template failed: {message}")]
    Template {
        /// The template's words.
        message: String,
    },
    /// The model has no chat template.
    #[error("the model has no chat template: give it a text")]
    NoTemplate,
    /// The model has no end of text.
    #[error("the model has no end of text: neither its configuration nor its tokenizer names one")]
    NoEnd,
    /// A prompt has no tokens.
    #[error("a prompt is empty")]
    Empty,
    /// A prompt leaves no room for a completion.
    #[error("a prompt of {tokens} tokens fills the context of {context}")]
    TooLong {
        /// Tokens of the prompt.
        tokens: usize,
        /// `max_position_embeddings`.
        context: usize,
    },
}
