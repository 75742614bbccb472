//! RFT on a fixed set of problems as its own solutions of each grow: panel (c) of figure 2.

use crate::arm::Arm;
use crate::curves::{complete, curve_over, series};
use crate::figure::Preset;
use crate::pipeline::{Cell, Imitation, Method};
use crate::plan::{Groups, Line, Planned, decisive};
use crate::settings::{self, World};
use crate::store::Record;
use anyhow::Result;
use eightfold_plot::{Axis, Panel, Scale};
use eightfold_scaling::Curve;
use eightfold_synth::StoreSettings;

/// Name of the panel.
pub const PANEL: &str = "copies";
/// At the tuned number of updates, and at equal epochs.
pub const ARMS: [Arm; 2] = [Arm::Copies, Arm::CopiesEpochs];
/// The number of copies that the others are compared with: what RFT keeps elsewhere.
pub const USUAL: usize = 4;

/// Numbers of solutions kept of each problem, at most.
pub fn counts(preset: Preset) -> &'static [usize] {
    match preset {
        Preset::Smoke => &[1, 4, 8],
        Preset::Quick | Preset::Standard => &[1, 2, 4, 8, 16, 32],
        Preset::Full => &[1, 2, 4, 8, 16, 32, 64, 128],
    }
}

/// The cells, in the world with many side branches, where most steps of a verified solution are unchecked.
pub fn plan(preset: Preset, seeds: u64) -> Vec<Planned> {
    let mut plan = Vec::new();
    for seed in 0..seeds {
        for arm in ARMS {
            plan.extend(counts(preset).iter().map(|&kept| {
                let cell = cell(preset, arm, kept, seed);
                Planned { line: Line::Arm { panel: PANEL, arm }, cell }
            }));
        }
    }
    plan
}

fn cell(preset: Preset, arm: Arm, kept: usize, seed: u64) -> Cell {
    let n = decisive(preset);
    let mut cell = arm.cell(World::Branching, n, seed);
    // All of them keep the beginning of one set of samples, twice as many as the most that are kept.
    let most = counts(preset).last().copied().unwrap_or(kept);
    if let Some(sampling) = &mut cell.sampling {
        sampling.store = StoreSettings { samples: 2 * most, negatives: 0, ..StoreSettings::default() };
    }
    if let Some(rejection) = cell.method.imitation_mut().and_then(Imitation::rejection_mut) {
        rejection.cap = Some(kept);
    }
    settings::at_preset(cell, preset)
}

/// How many solutions of each problem a cell keeps, at most.
fn kept(record: &Record) -> f64 {
    let rejection = match &record.cell.method {
        Method::Imitate(imitation) => imitation.rejection(),
        Method::Untrained { .. } | Method::Sft {} | Method::Prefer(_) | Method::Online(_) => None,
    };
    rejection.map_or(f64::NAN, |rejection| rejection.cap.unwrap_or(usize::MAX) as f64)
}

/// The curves over numbers of copies.
pub struct Copies(Vec<(Arm, Curve)>);

impl Copies {
    /// Of the arms that have records.
    ///
    /// # Errors
    /// If records contradict each other.
    pub fn new(groups: &Groups) -> Result<Self> {
        let mut curves = Vec::new();
        for arm in ARMS {
            if let Some(curve) = curve_over(&groups.records(Line::Arm { panel: PANEL, arm }), kept)? {
                curves.push((arm, complete(&curve)));
            }
        }
        Ok(Self(curves))
    }

    /// One point against another of the same arm, as two curves of one size: those at the largest and at the
    /// usual number of copies.
    pub fn largest_and_usual(&self, arm: Arm) -> Option<(Curve, Curve)> {
        let (_, curve) = self.0.iter().find(|(name, _)| *name == arm)?;
        let largest = curve.sizes().last().copied()?;
        let at_usual = |copies: f64| {
            let runs = curve.of_sizes(&[copies]).runs().to_vec();
            let moved: Vec<_> =
                runs.into_iter().map(|run| eightfold_scaling::Run { n: USUAL as f64, ..run }).collect();
            Curve::new(&moved, f64::MIN_POSITIVE).ok()
        };
        Some((at_usual(largest)?, at_usual(USUAL as f64)?))
    }

    /// The errors of an arm in words, from the fewest to the most copies.
    pub fn errors(&self, arm: Arm) -> String {
        let Some((_, curve)) = self.0.iter().find(|(name, _)| *name == arm) else { return "none".into() };
        let mean = |n: f64| {
            let logs: Vec<f64> = curve.runs().iter().filter(|r| r.n == n).map(|r| r.error.ln()).collect();
            (logs.iter().sum::<f64>() / logs.len() as f64).exp()
        };
        let all: Vec<String> = curve.sizes().iter().map(|n| format!("{:.3} at {n}", mean(*n))).collect();
        all.join(", ")
    }

    /// The panel. No law is fitted: none is expected to fall.
    pub fn panel(&self, title: String) -> Panel {
        let join = |(arm, curve): &(Arm, Curve)| {
            let mut series = series(curve, *arm);
            (series.band, series.name) = (Vec::new(), arm.label().into());
            series.curve = series.means.iter().map(|mean| (mean.x, mean.y)).collect();
            series
        };
        Panel {
            title,
            x: Axis { label: "own solutions of a problem, at most".into(), scale: Scale::Log2, range: None },
            y: Axis { label: "test error (greedy)".into(), scale: Scale::Log10, range: None },
            series: self.0.iter().map(join).collect(),
            ..Panel::default()
        }
    }
}
