//! What `transformers` made of a folder.

// Each test file uses a part of it.
#![allow(dead_code, unreachable_pub)]

use eightfold_models::Turn;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// `expected.json`.
#[derive(Deserialize)]
pub struct Expected {
    pub texts: Vec<Encoded>,
    pub chat: Rendered,
    pub tokens: Vec<u32>,
    pub max_tokens: usize,
    /// Whether the end of text was never drawn.
    pub endless: bool,
    pub completions: Vec<Completed>,
}

#[derive(Deserialize)]
pub struct Encoded {
    pub text: String,
    pub tokens: Vec<u32>,
}

#[derive(Deserialize)]
pub struct Rendered {
    pub turns: Vec<Turn>,
    pub text: String,
}

#[derive(Deserialize)]
pub struct Completed {
    pub prompt: String,
    pub tokens: Vec<u32>,
}

pub fn fixtures() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert_eq!(folders.len(), 5);
    folders
}

/// The real model's folder, or nothing and a word about it.
pub fn real() -> Option<PathBuf> {
    let folder = std::env::var_os("EIGHTFOLD_MODEL").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.join("expected.json").exists());
    if folder.is_none() {
        println!("skipped: EIGHTFOLD_MODEL names no folder with expected.json");
    }
    folder
}

pub fn expected(folder: &Path) -> Expected {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}
