//! A configuration for tests, whose runs take no time.

use crate::configuration::{Configuration, Opening};
use crate::jobs::Jobs;
use crate::preset::Preset;
use crate::progress::OnProgress;
use crate::provenance::Provenance;
use crate::store::Record;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A name and a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Toy {
    pub(crate) name: String,
    pub(crate) size: usize,
    pub(crate) choice: Choice,
}

/// A choice with fields of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Choice {
    Fast { rate: f64 },
}

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct NoOptions {}

impl Toy {
    pub(crate) fn new(name: &str, size: usize) -> Self {
        Self { name: name.into(), size, choice: Choice::Fast { rate: 0.5 } }
    }
}

impl Configuration for Toy {
    type Metrics = f64;
    type Place = ();
    type Options = NoOptions;
    const SET: &'static str = "size=3";

    fn root() -> PathBuf {
        ".".into()
    }

    fn sources() -> &'static str {
        "toy"
    }

    fn id(&self) -> String {
        format!("{}-{}", self.name, self.size)
    }

    fn label(&self) -> String {
        self.id()
    }

    fn group(&self) -> &str {
        &self.name
    }

    fn weight(&self) -> f64 {
        self.size as f64
    }

    fn queue(missing: &mut [Self]) {
        missing.sort_by_key(|toy| toy.size);
    }

    fn start(&self) -> String {
        self.size.to_string()
    }

    fn open(_: &NoOptions, _: Opening) -> Result<()> {
        Ok(())
    }

    fn is_elsewhere(_: &NoOptions) -> bool {
        false
    }

    fn elsewhere(&self, (): &(), _: &NoOptions, _: Preset) -> Option<Self> {
        None
    }

    fn note((): &()) -> String {
        String::new()
    }

    fn jobs(_: &NoOptions, asked: Option<usize>) -> Jobs {
        Jobs { count: asked.unwrap_or(1), threads: 1 }
    }

    fn prepare(_: &[Self], (): &()) -> Result<()> {
        Ok(())
    }

    fn estimate(_: &[Self], (): &(), _: &Jobs) -> Option<f64> {
        None
    }

    fn run(&self, (): &(), _: &OnProgress) -> Result<f64> {
        Ok(1.0 / self.size as f64)
    }

    fn outcome(metrics: &f64) -> String {
        metrics.to_string()
    }

    fn error(metrics: &f64) -> f64 {
        *metrics
    }
}

/// The record of a toy.
pub(crate) fn record(toy: &Toy) -> Record<Toy> {
    let provenance = Provenance {
        commit: None,
        dirty: None,
        sources: None,
        version: String::new(),
        device: String::new(),
        unix_time: 0,
    };
    Record { cell: toy.clone(), metrics: 1.0 / toy.size as f64, provenance }
}
