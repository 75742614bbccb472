//! Another figure, of SFT alone. Run it with `--preset smoke` for a first look.

use eightfold_experiments::arm::Arm;
use eightfold_experiments::csv::csv;
use eightfold_experiments::curves::{complete, curve, series};
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::pipeline::{Cell, Evaluation};
use eightfold_experiments::settings::{self, Recipe};
use eightfold_gpt::Budget;
use eightfold_harness::Seeds;
use eightfold_plot::{Axis, Chart, Panel, Scale};

fn cells(preset: Preset, seeds: u64) -> Vec<Cell> {
    let sizes: &[usize] = if preset == Preset::Smoke { &[8, 16] } else { &[64, 256, 1024] };
    let mut cells: Vec<Cell> = (0..seeds)
        .flat_map(|seed| sizes.iter().map(move |&n| settings::cell(Recipe::sft(), n, seed)))
        .collect();
    if preset == Preset::Smoke {
        for cell in &mut cells {
            if let Some(sft) = cell.learner.sft_mut() {
                sft.budget = Budget::Updates(4);
            }
            cell.evaluation = Evaluation { problems: 20, samples: 1, ..Evaluation::default() };
        }
    }
    cells
}

fn draw(results: &Results) -> anyhow::Result<Drawn> {
    let curve = curve(&results.records, Arm::Sft)?;
    let panel = Panel {
        x: Axis { label: "synthetic problems".into(), scale: Scale::Log2, range: None },
        y: Axis { label: "test error (greedy)".into(), scale: Scale::Linear, range: None },
        series: curve.iter().map(|curve| series(&complete(curve), Arm::Sft)).collect(),
        ..Panel::default()
    };
    let chart = Chart { title: "SFT alone".into(), panels: vec![panel], ..Chart::default() };
    Ok(Drawn { chart, csv: csv(&results.records), claims: Vec::new(), notes: Vec::new() })
}

fn main() -> anyhow::Result<()> {
    let (name, title, seeds) = ("example", "SFT alone", Seeds { smoke: 2, quick: 3, full: 8 });
    Figure { name, title, cells, seeds, draw, elsewhere: None }.main()
}
