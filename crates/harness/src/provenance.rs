//! Where a record comes from: no part of the result, and no part of a key.

use serde::{Deserialize, Serialize};
use std::path::Path;

/// Where a record comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Commit of the repository, where git is at hand.
    pub commit: Option<String>,
    /// Whether the work tree differed from it, results and drawings left out.
    pub dirty: Option<bool>,
    /// Hash of the sources that the program was built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<String>,
    /// Version of this package.
    pub version: String,
    /// The device's name.
    pub device: String,
    /// Seconds since 1970.
    pub unix_time: u64,
}

/// What runs and drawings write into the work tree.
const WRITTEN: [&str; 2] = [":(exclude)experiments/results", ":(exclude)paper-figures"];

impl Provenance {
    /// Of a run that starts now.
    pub fn now(root: &Path, device: &str, sources: &str) -> Self {
        let git = |args: &[&str]| {
            let output = std::process::Command::new("git").arg("-C").arg(root).args(args).output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            output.status.success().then(|| text.trim().to_owned())
        };
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let status = [&["status", "--porcelain", "--", "."][..], &WRITTEN[..]].concat();
        Self {
            commit: git(&["rev-parse", "HEAD"]),
            dirty: git(&status).map(|status| !status.is_empty()),
            sources: Some(sources.to_owned()),
            version: env!("CARGO_PKG_VERSION").into(),
            device: device.into(),
            unix_time: since.map_or(0, |since| since.as_secs()),
        }
    }

    /// Whether other sources than these gave the record, as far as it says.
    pub fn is_stale(&self, sources: &str) -> bool {
        self.sources.as_deref().is_none_or(|own| own != sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_a_run_writes_does_not_make_the_tree_differ() {
        let root = tempfile::tempdir().unwrap();
        let git = |args: &[&str]| {
            let identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
            let output = Command::new("git").arg("-C").arg(root.path()).args(identity).args(args).output();
            assert!(output.expect("git is at hand").status.success(), "{args:?}");
        };
        let write = |name: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        };
        git(&["init", "-q"]);
        write("src/lib.rs");
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "one file"]);
        let dirty = || Provenance::now(root.path(), "flex", "s").dirty;
        assert_eq!(dirty(), Some(false));
        write("experiments/results/fig7.jsonl");
        write("paper-figures/fig7/fig7.svg");
        assert_eq!(dirty(), Some(false));
        write("src/lib2.rs");
        assert_eq!(dirty(), Some(true));
    }

    #[test]
    fn a_record_of_unknown_or_other_sources_is_stale() {
        let of = |sources: Option<&str>| Provenance {
            sources: sources.map(String::from),
            ..Provenance::now(Path::new("/"), "flex", "")
        };
        assert!(of(None).is_stale("a") && of(Some("b")).is_stale("a") && !of(Some("a")).is_stale("a"));
    }
}
