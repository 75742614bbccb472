//! What figure 10 runs, and what its curves are called.

use super::settings::{self, SFT, UNDER};
use crate::figure::Preset;
use crate::pipeline::{Cell, Method, NetConfig, Point, Schedule};

/// Pairs that the control with few of them keeps: about as many as an over-trained checkpoint gives.
const FEW: usize = 10;

/// The cells of a preset. Seeds differ in everything: base, graphs, order.
pub fn cells(preset: Preset, seeds: u64) -> Vec<Cell> {
    let mut out = Vec::new();
    for seed in 0..seeds {
        let under = UNDER.into_iter().map(|from| settings::step_dpo(from, None));
        let rest = [
            Method::Sft {},
            settings::tempered(UNDER[0]),
            settings::step_dpo(UNDER[0], Some(FEW)),
            settings::step_dpo(SFT, None),
            settings::enumerated(SFT),
        ];
        out.extend(under.chain(rest).map(|method| settings::cell(method, seed)));
    }
    if preset == Preset::Smoke {
        out.iter_mut().for_each(smoke);
    }
    out
}

/// The same cell in a fraction of a second. Checkpoints keep their names and so their curves.
fn smoke(cell: &mut Cell) {
    let few = |schedule: &mut Schedule, updates| {
        *schedule = Schedule { updates, batch: 4, ..schedule.clone() };
    };
    if let Some(learner) = cell.learner.star_mut() {
        learner.base.net = NetConfig { width: 8, layers: 1, heads: 2, ..learner.base.net };
        few(&mut learner.base.training, 2);
        few(&mut learner.sft, 4);
        learner.every = 2;
        if let Some(train) = &mut learner.train {
            few(train, 4);
        }
    }
    (cell.problems, cell.evaluation.problems) = (6, 20);
    if let Some(sampling) = &mut cell.sampling {
        sampling.store.samples = 4;
    }
    for point in points(&mut cell.method) {
        if let Point::SftAt(updates) = point {
            *updates = smoke_updates(*updates);
        }
    }
}

/// The points of supervised training that a method names.
fn points(method: &mut Method) -> Vec<&mut Point> {
    match method {
        Method::Untrained { .. } | Method::Sft {} => Vec::new(),
        Method::Imitate(imitation) => vec![&mut imitation.sampler, &mut imitation.start],
        Method::Prefer(preferring) => {
            vec![&mut preferring.sampler, &mut preferring.start, &mut preferring.reference]
        }
        Method::Online(online) => vec![&mut online.start],
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
            Preset::Quick | Preset::Standard | Preset::Full => Self { under: UNDER, over: SFT },
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
