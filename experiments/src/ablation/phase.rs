//! The phase diagram: where does per-step DPO beat the best of its controls?
//!
//! Over problems per relation word, the range of misreading rates, and the share of side branches. The controls are the
//! chosen sides of the same pairs alone, and RFT with as many verifier calls. Every world here shares its base with a
//! figure; settings are those tuned in the hard world.

use crate::arm::Arm;
use crate::caption::{WORLD, seeds};
use crate::csv::planned_csv;
use crate::curves::{complete, curve_over, ratio_of_errors};
use crate::figure::{Drawn, Figure, Preset, Results};
use crate::paired::average;
use crate::pipeline::{Cell, WorldConfig};
use crate::plan::{self, Groups, Line, Planned};
use crate::settings::{World, at_preset};
use anyhow::Result;
use eightfold_harness::{Measured, Origin, Seeds, Side, Table, Verdict};
use eightfold_plot::{Axis, Chart, Color, Legend, Panel, Scale, Tile};
use eightfold_scaling::Curve;
use eightfold_task::lexicon::LexiconConfig;

pub(super) const FIGURE: Figure = Figure {
    name: "phase",
    title: "Where does per-step DPO beat the best of its controls?",
    cells: |preset, seeds| plan::cells(plan(preset, seeds)),
    // At the full preset the cells of the hard and of the easy world are those of figure 7.
    seeds: Seeds { smoke: 2, quick: 3, full: 9 },
    draw,
    elsewhere: None,
};

const CONTROLS: [Arm; 2] = [Arm::ChosenOnly, Arm::RftBudget];

/// A world of the diagram: a row of tiles in one of two panels.
struct Region {
    name: &'static str,
    panel: usize,
    row: usize,
    world: fn() -> LexiconConfig,
}

const ROWS: &[&str] = &["0.2 to 0.7", "0.2 to 0.9"];
const PANELS: [&str; 2] = ["6 in 10 steps needed", "4 in 10 steps needed"];

const REGIONS: [Region; 4] = [
    Region { name: "easy", panel: 0, row: 0, world: || World::Easy.config() },
    Region { name: "hard", panel: 0, row: 1, world: || World::Hard.config() },
    Region { name: "easy branching", panel: 1, row: 0, world: easy_branching },
    Region { name: "branching", panel: 1, row: 1, world: || World::Branching.config() },
];

fn easy_branching() -> LexiconConfig {
    LexiconConfig { misread: World::Easy.config().misread, ..World::Branching.config() }
}

fn sizes(preset: Preset) -> &'static [usize] {
    match preset {
        Preset::Smoke => &[16],
        Preset::Quick | Preset::Standard => &[64, 128, 256],
        Preset::Full => &[64, 128, 256, 512, 1024],
    }
}

fn plan(preset: Preset, seeds: u64) -> Vec<Planned> {
    let mut plan = Vec::new();
    for seed in 0..seeds {
        for region in &REGIONS {
            for arm in [Arm::StepDpo, CONTROLS[0], CONTROLS[1]] {
                for &n in sizes(preset) {
                    let cell = Cell {
                        world: WorldConfig::Lexicon((region.world)()),
                        ..arm.cell(World::Hard, n, seed)
                    };
                    plan.push(Planned {
                        line: Line::Arm { panel: region.name, arm },
                        cell: at_preset(cell, preset),
                    });
                }
            }
        }
    }
    plan
}

/// What is known at one place of the diagram.
struct Place {
    region: &'static Region,
    /// Problems per relation word.
    density: f64,
    /// The control of the lower error: chosen on the errors that it is compared by, which favors it.
    control: Arm,
    claim: Measured,
}

impl Place {
    fn new(groups: &Groups, region: &'static Region, n: usize) -> Result<Option<Self>> {
        let curve = |arm| -> Result<Option<Curve>> {
            let records = groups.records(Line::Arm { panel: region.name, arm });
            Ok(curve_over(&records, |r| r.cell.problems as f64)?.map(|curve| complete(&curve)))
        };
        let error = |curve: &Curve| {
            average(curve.runs().iter().filter(|run| run.n == n as f64).map(|run| run.error.ln()))
        };
        let mut best: Option<(Arm, Curve)> = None;
        for name in CONTROLS {
            let Some(found) = curve(name)? else { return Ok(None) };
            if best.as_ref().is_none_or(|(_, best)| error(&found) < error(best)) {
                best = Some((name, found));
            }
        }
        let (Some((control, other)), Some(method)) = (best, curve(Arm::StepDpo)?) else { return Ok(None) };
        let at = format!("n = {n}, {} ({}, misread {})", region.name, PANELS[region.panel], ROWS[region.row]);
        let says = "per-step DPO errs less than the better of its controls";
        let curves = Some((&other, &method));
        let claim = ratio_of_errors(says, Origin::ours("controls"), curves, n as f64, Side::Below(1.0), at);
        if claim.interval.is_err() {
            // Cells are missing here.
            return Ok(None);
        }
        let relations = (region.world)().relations as f64;
        Ok(Some(Self { region, density: n as f64 / relations, control, claim }))
    }

    fn tile(&self) -> Tile {
        let half = std::f64::consts::SQRT_2;
        let row = self.region.row as f64;
        let (color, shade) = match self.claim.verdict() {
            Verdict::Holds => (Color::Blue, 0.45),
            Verdict::Fails => (Color::Orange, 0.6),
            Verdict::Undecided => (Color::Gray, 0.12),
        };
        let against = if self.control == CONTROLS[0] { "vs chosen sides" } else { "vs RFT, same calls" };
        let value = self.claim.value();
        let (estimate, interval) = value.split_once(' ').unwrap_or((&value, ""));
        Tile {
            x: (self.density / half, self.density * half),
            y: (row - 0.5, row + 0.5),
            lines: [&self.claim.verdict().to_string(), estimate, interval, against]
                .map(str::to_owned)
                .to_vec(),
            color,
            shade,
        }
    }
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = plan(results.preset, results.seeds);
    let groups = Groups::new(&plan, results);
    let mut places = Vec::new();
    for region in &REGIONS {
        for &n in sizes(results.preset) {
            places.extend(Place::new(&groups, region, n)?);
        }
    }
    let panel = |(at, title): (usize, &&str)| Panel {
        title: (*title).into(),
        x: Axis {
            label: "problems per relation word, n/R".into(),
            scale: Scale::Log2,
            range: range(&places),
        },
        y: Axis {
            label: "misreading rates".into(),
            scale: Scale::Names(ROWS),
            range: Some((-0.5, ROWS.len() as f64 - 0.5)),
        },
        tiles: places.iter().filter(|place| place.region.panel == at).map(Place::tile).collect(),
        ..Panel::default()
    };
    let chart = Chart {
        title: FIGURE.title.into(),
        panels: PANELS.iter().enumerate().map(panel).collect(),
        legend: Legend::Hidden,
        caption: vec![seen(&places, &seeds(results)), WORLD.into()],
        panel_size: (110.0 * sizes(results.preset).len() as f64, 200.0),
        ..Chart::default()
    };
    let notes = vec![table(&places)];
    let claims = places.into_iter().map(|place| place.claim).collect();
    Ok(Drawn { chart, csv: planned_csv(&plan, results), claims, notes })
}

/// All tiles and nothing more.
fn range(places: &[Place]) -> Option<(f64, f64)> {
    let (low, high) = places.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), place| {
        let Tile { x, .. } = place.tile();
        (low.min(x.0), high.max(x.1))
    });
    (low < high).then_some((low, high))
}

fn seen(places: &[Place], seeds: &str) -> String {
    let count = |verdict| places.iter().filter(|place| place.claim.verdict() == verdict).count();
    format!(
        "Seen: in each tile the error of per-step DPO over that of the better of its two controls, {seeds} paired, \
         95 % t interval; below 1 per-step DPO is better. It holds (blue) in {} of {} tiles, fails (orange) in {}, and is \
         undecided (gray) in {}. The better control is chosen on the same errors, which favors the control.",
        count(Verdict::Holds),
        places.len(),
        count(Verdict::Fails),
        count(Verdict::Undecided),
    )
}

fn table(places: &[Place]) -> String {
    let row = |Place { region, density, control, claim }: &Place| {
        [
            ("steps needed", PANELS[region.panel].to_owned()),
            ("misreading rates", ROWS[region.row].to_owned()),
            ("n/R", density.to_string()),
            ("better control", control.label().to_owned()),
            ("ratio of errors", claim.value()),
            ("verdict", claim.verdict().to_string()),
        ]
    };
    places.iter().map(row).collect::<Table>().markdown()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learners::base::BaseRecipe;

    #[test]
    fn every_world_has_the_base_of_a_figure_and_a_place_of_its_own() {
        let plan = plan(Preset::Quick, 1);
        let figures = [World::Hard, World::Easy].map(|world| Arm::StepDpo.cell(world, 64, 0));
        let recipe = |cell: &Cell| {
            BaseRecipe::new(cell.world.lexicon().unwrap(), &cell.learner.network().unwrap().base)
        };
        for Planned { cell, .. } in &plan {
            assert!(figures.iter().any(|own| recipe(own) == recipe(cell)), "{:?}", cell.world);
        }
        let worlds = REGIONS.iter().map(|region| (region.world)()).collect::<Vec<_>>();
        for (at, world) in worlds.iter().enumerate() {
            assert!(!worlds[..at].contains(world));
        }
        // The hard world's cells are those of figure 7.
        let line = Line::Arm { panel: "hard", arm: Arm::StepDpo };
        let hard = plan.iter().find(|p| p.line == line && p.cell.problems == 256).unwrap();
        assert_eq!(hard.cell, Arm::StepDpo.cell(World::Hard, 256, 0));
    }
}
