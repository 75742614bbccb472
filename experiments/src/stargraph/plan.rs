//! What figure 10 runs, and what its curves are called.

use super::cell::{Pairs, StarCell, StarMethod};
use super::net::NetConfig;
use super::settings::{self, SFT, UNDER};
use super::training::Schedule;
use crate::figure::Preset;

/// Pairs that the control with few of them keeps: about as many as an over-trained checkpoint gives.
const FEW: usize = 10;

/// The cells of a preset. Seeds differ in everything: base, graphs, order.
pub fn cells(preset: Preset, seeds: u64) -> Vec<StarCell> {
    let mut out = Vec::new();
    for seed in 0..seeds {
        let under = UNDER.into_iter().map(|from| settings::step_dpo(from, settings::sampled(None)));
        let rest = [
            StarMethod::Sft {},
            settings::tempered(UNDER[0]),
            settings::step_dpo(UNDER[0], settings::sampled(Some(FEW))),
            settings::step_dpo(SFT, settings::sampled(None)),
            settings::step_dpo(SFT, Pairs::Enumerated {}),
        ];
        out.extend(under.chain(rest).map(|method| settings::cell(method, seed)));
    }
    if preset == Preset::Smoke {
        out.iter_mut().for_each(smoke);
    }
    out
}

/// The same cell in a fraction of a second. Checkpoints keep their names and so their curves.
fn smoke(cell: &mut StarCell) {
    let few = |schedule: &mut Schedule, updates| {
        *schedule = Schedule { updates, batch: 4, ..schedule.clone() };
    };
    cell.base.net = NetConfig { width: 8, layers: 1, heads: 2, ..cell.base.net };
    few(&mut cell.base.training, 2);
    cell.sft.batch = 4;
    few(&mut cell.sft, 4);
    cell.graphs = 6;
    cell.watching.graphs = 20;
    cell.watching.every = 2;
    match &mut cell.method {
        StarMethod::Sft {} => {}
        StarMethod::StepDpo { from, pairs, train, .. } => {
            if let Pairs::Sampled { store, .. } = pairs {
                store.samples = 4;
            }
            *from = smoke_updates(*from);
            few(train, 4);
        }
        StarMethod::Tempered { from, train, .. } => {
            *from = smoke_updates(*from);
            few(train, 4);
        }
    }
}

/// SFT updates of a checkpoint at smoke size.
fn smoke_updates(from: usize) -> usize {
    UNDER.iter().position(|under| *under == from).map_or(4, |place| place + 1)
}

/// What differs between presets in the names of curves.
pub struct Names {
    /// SFT updates of the under-trained checkpoints.
    pub under: [usize; 3],
    /// SFT updates of the over-trained checkpoint.
    pub over: usize,
}

impl Names {
    /// The names of a preset.
    pub fn new(preset: Preset) -> Self {
        match preset {
            Preset::Smoke => Self { under: UNDER.map(smoke_updates), over: smoke_updates(SFT) },
            Preset::Quick | Preset::Full => Self { under: UNDER, over: SFT },
        }
    }

    /// Per-step DPO from the under-trained checkpoint of this number, from 0.
    pub fn step_dpo(&self, under: usize) -> String {
        format!("step-dpo-{}", self.under[under])
    }

    /// Per-step DPO from the over-trained checkpoint.
    pub fn over(&self) -> String {
        format!("step-dpo-{}", self.over)
    }

    /// Control: the same on enumerated pairs.
    pub fn enumerated(&self) -> String {
        format!("enumerated-{}", self.over)
    }

    /// Control: cross entropy on scaled-down logits, from the first under-trained checkpoint.
    pub fn tempered(&self) -> String {
        format!("tempered-{}", self.under[0])
    }

    /// Control: per-step DPO from there on few pairs.
    pub fn few(&self) -> String {
        format!("step-dpo-few-{}", self.under[0])
    }
}
