//! The stage of step values: every sample of the rollout store, valued at each of its steps.

use crate::cell::{Cell, Sampling, digest};
use crate::doing::{Doing, Watch};
use crate::stages::{Workplace, policy, read_json, sft_key};
use crate::store::write_whole;
use anyhow::Result;
use eightfold_advantage::Cost;
use eightfold_gpt::Checkpoint;
use eightfold_segment::Lines;
use eightfold_synth::{Trace, Valued, value_samples};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// Values of the samples of a rollout store, and what they took when they were computed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueStage {
    /// Each distinct sample.
    pub valued: Vec<Valued>,
    /// Rollouts drawn.
    pub cost: Cost,
    /// Seconds.
    pub seconds: f64,
}

impl Workplace {
    /// Values of every step of the samples in a cell's rollout store, by the rollouts that its search asks for.
    ///
    /// # Errors
    /// If the policy fails, or the cache cannot be read or written.
    pub fn values(
        &self,
        cell: &Cell,
        sampling: &Sampling,
        sft: &Checkpoint,
        traces: &[Trace],
        watch: &Watch,
    ) -> Result<ValueStage> {
        let name = format!("values-{}", digest(&("values", sft_key(cell), sampling)));
        let path = self.cache.join("stages").join(format!("{name}.json"));
        self.alone(&name, || {
            if path.exists() {
                return read_json(&path);
            }
            watch(Doing::stage("step values"));
            let start = Instant::now();
            let (traces, policy): (Vec<&Trace>, _) =
                (traces.iter().collect(), policy(sft, sampling.temperature));
            let (search, verifier) = (&sampling.store.search, sampling.verifier(cell.seed));
            let (valued, cost) = value_samples(&traces, search, &policy, &*verifier, &Lines, cell.seed)?;
            let stage = ValueStage { valued, cost, seconds: start.elapsed().as_secs_f64() };
            write_whole(&path, serde_json::to_string(&stage)?.as_bytes())?;
            Ok(stage)
        })
    }
}
