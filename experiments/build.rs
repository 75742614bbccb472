//! Bakes in a hash of the sources that a cell's result depends on: records name it, and older ones are seen to be stale.

use std::path::{Path, PathBuf};

/// Crates whose code is run by a cell, and the parts of this one that are.
const PARTS: [&str; 15] = [
    "crates/task/src",
    "crates/verifier/src",
    "crates/segment/src",
    "crates/advantage/src",
    "crates/synth/src",
    "crates/loss/src",
    "crates/kernels/src",
    "crates/gpt/src",
    "crates/models/src",
    "crates/journal/src",
    "experiments/src/pipeline",
    "experiments/src/worlds",
    "experiments/src/learners",
    "experiments/src/probe",
    "Cargo.lock",
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for part in PARTS {
        println!("cargo::rerun-if-changed={}", root.join(part).display());
        collect(&root.join(part), &mut files);
    }
    files.sort();
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    for path in files {
        let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        hash.add(name.as_bytes());
        hash.add(&std::fs::read(&path).unwrap_or_default());
    }
    println!("cargo::rustc-env=EIGHTFOLD_SOURCES={:016x}", hash.0);
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.filter_map(Result::ok).for_each(|entry| collect(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}

/// FNV-1a: enough to tell two states of the sources apart.
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}
