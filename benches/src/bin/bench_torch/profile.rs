//! Where the engine spends its time, by Linux `perf` where it is installed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// A recording of another process.
pub(crate) struct Recording {
    child: std::process::Child,
    file: std::path::PathBuf,
}

impl Recording {
    /// Samples the process of this id for so many seconds; `None` where there is no `perf`.
    pub(crate) fn start(process: u32, seconds: f64, dir: &Path) -> Option<Self> {
        let file = dir.join("perf.data");
        let child = Command::new("perf")
            .args(["record", "-q", "-F", "997", "-p", &process.to_string(), "-o"])
            .arg(&file)
            .args(["--", "sleep", &format!("{seconds:.2}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        Some(Self { child, file })
    }

    /// The parts of the code and their shares, largest first; nothing if the recording failed.
    pub(crate) fn finish(mut self) -> Vec<(String, f64)> {
        let recorded = self.child.wait().is_ok_and(|status| status.success());
        let report = Command::new("perf")
            .args(["report", "-q", "--stdio", "--no-children", "-F", "overhead,symbol", "-i"])
            .arg(&self.file)
            .output();
        match report {
            Ok(output) if recorded && output.status.success() => {
                parts(&String::from_utf8_lossy(&output.stdout))
            }
            _ => Vec::new(),
        }
    }
}

/// Shares of the parts in a report of lines `12.3%  [.] symbol`.
fn parts(report: &str) -> Vec<(String, f64)> {
    let mut sums = BTreeMap::<String, f64>::new();
    for line in report.lines() {
        let mut words = line.split_whitespace();
        let share = words.next().and_then(|word| word.strip_suffix('%')?.parse::<f64>().ok());
        let (Some(share), Some(kind)) = (share, words.next()) else { continue };
        *sums.entry(part(kind, &words.collect::<Vec<_>>().join(" "))).or_default() += share / 100.0;
    }
    let mut parts: Vec<_> = sums.into_iter().collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    parts
}

/// The part that a symbol belongs to: of the engine the file, of others what they do.
fn part(kind: &str, symbol: &str) -> String {
    let has = |words: &[&str]| words.iter().any(|word| symbol.contains(word));
    let name = if kind == "[k]" {
        "kernel"
    } else if let Some((_, rest)) = symbol.split_once("eightfold_gpt::") {
        let path = rest.strip_prefix("fused::").unwrap_or(rest);
        return path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(path).to_owned();
    } else if has(&["mem", "alloc", "free", "realloc"]) {
        "memory"
    } else if has(&["rayon", "crossbeam", "sched_yield"]) {
        "threads"
    } else if has(&["tokenizers"]) {
        "tokenizer"
    } else if has(&["rand", "chacha"]) {
        "random numbers"
    } else if has(&["burn", "eightfold_loss"]) {
        "burn"
    } else {
        "other"
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_grouped_by_part() {
        let report = "
    40.00%  [.] eightfold_gpt::fused::matmul::product::avx512
    20.00%  [.] <eightfold_gpt::fused::attention::Row as core::ops::Fn>::call
    10.00%  [.] eightfold_gpt::fused::matmul::add_outer::body::h0123
     5.50%  [k] clear_page_erms
     4.50%  [.] __memset_avx512_unaligned_erms
     3.00%  [.] eightfold_gpt::sampler::Sampler::choose
     2.00%  [.] rayon_core::registry::WorkerThread::wait_until_cold
";
        let parts = parts(report);
        let share = |name: &str| parts.iter().find(|(part, _)| part == name).map_or(0.0, |part| part.1);
        for (name, want) in
            [("matmul", 0.5), ("attention", 0.2), ("kernel", 0.055), ("memory", 0.045), ("sampler", 0.03)]
        {
            assert!((share(name) - want).abs() < 1e-9, "{name}: {}", share(name));
        }
        assert_eq!(parts[0].0, "matmul");
        assert!((share("threads") - 0.02).abs() < 1e-9);
    }
}
