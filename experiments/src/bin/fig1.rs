//! Figure 1: the pipeline with the counts of a run, and the main result.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532, Figure 1, whose caption is quoted: RFT scales the efficiency of
//! SFT on synthetic problems by 2x, step-level RL on incorrect solutions by 8x. Its axes are recalled.
//!
//! Differences: counts are those of our own run; a closed lexicon world in place of GSM8K and MATH.

use anyhow::Result;
use eightfold_experiments::arm::Arm;
use eightfold_experiments::arms::Arms;
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::csv::planned_csv;
use eightfold_experiments::curves::data_ratio;
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::plan::{self, Groups, Line, Planned, decisive, sweep};
use eightfold_experiments::settings::World;
use eightfold_experiments::store::Record;
use eightfold_harness::{Interval, Measured, Origin, Seeds, Side, Topic};
use eightfold_plot::{Chart, Color, Flow, Keys, Legend, Stage};

const ARMS: [Arm; 3] = [Arm::Sft, Arm::Rft, Arm::StepDpo];
const POSITIVES: Origin = Origin::quoted(Topic::Positives, "caption of Fig. 1");
const NEGATIVES: Origin = Origin::quoted(Topic::Negatives, "caption of Fig. 1");

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig1",
        title: "Figure 1: the pipeline and the main result",
        cells: |preset, seeds| plan::cells(plan(preset, seeds)),
        seeds: Seeds { smoke: 2, quick: 3, full: 9 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn plan(preset: Preset, seeds: u64) -> Vec<Planned> {
    sweep(World::Hard, &ARMS, preset, seeds)
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = plan(results.preset, results.seeds);
    let groups = Groups::new(&plan, results);
    let arms = Arms::new(&groups, World::Hard.name(), &ARMS)?;
    let n = decisive(results.preset);
    let counted = groups.records(Line::Arm { panel: World::Hard.name(), arm: Arm::StepDpo });
    let counted = counted.into_iter().find(|r| r.cell.problems == n);
    let chart = Chart {
        title: "From verified and from wrong solutions: what each is worth in data".into(),
        flow: counted.map(flow),
        panels: vec![arms.panel(arms.world(), None, &[Arm::Rft, Arm::StepDpo], n)?],
        legend: Legend::Right,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: "power law, bootstrap band".into(),
            theory: String::new(),
        },
        caption: caption(&arms, counted, n).paragraphs(),
        ..Chart::default()
    };
    let notes = vec![
        format!(
            "Decided at n = {n}, which was fixed before the runs, by t intervals over {} seeds paired by seed.",
            arms.seeds()
        ),
        arms.ratio_table("hard"),
    ];
    Ok(Drawn { chart, csv: planned_csv(&plan, results), claims: claims(&arms, n), notes })
}

/// The pipeline of one cell of per-step DPO, with its counts.
fn flow(record: &Record) -> Flow {
    let data = &record.metrics.data;
    let (right, drawn) = data.accepted.unwrap_or_default();
    let pits = data.pits.clone().unwrap_or_default();
    let found: usize = pits.pits.iter().sum();
    let rollouts = record.metrics.cost.rollouts.verified;
    let stage = |column, row, color, title: &str, count: String| Stage {
        column,
        row,
        color,
        title: title.into(),
        count,
    };
    Flow {
        stages: vec![
            stage(0, 0, Color::Black, "problems", count(data.problems)),
            stage(1, 0, Color::Black, "SFT on solutions", count(data.problems)),
            stage(2, 0, Color::Gray, "samples", count(drawn)),
            stage(3, 0, Color::Orange, "verified right", count(right)),
            stage(4, 0, Color::Orange, "RFT", "imitate them".into()),
            stage(2, 1, Color::Gray, "wrong, distinct", count(pits.searched)),
            stage(3, 1, Color::Blue, "rollouts of steps", count(rollouts as usize)),
            stage(4, 1, Color::Blue, "first pits", count(found)),
            stage(5, 1, Color::Blue, "per-step DPO", format!("{} pairs", count(pits.pairs))),
        ],
        arrows: vec![(0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (5, 6), (6, 7), (7, 8)],
    }
}

/// A number with its thousands apart.
fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn caption(arms: &Arms, counted: Option<&Record>, n: usize) -> Caption {
    let counts = counted.map_or(String::new(), |record| {
        format!(" Boxes: the counts of one run with {n} problems (seed {}).", record.cell.seed)
    });
    Caption {
        seen: format!(
            "at n = {n}, mean of {} seeds: {}. SFT needs {} the data for RFT's error and {} for that of per-step \
             DPO; \"> \" where it was not measured so far.{counts}",
            arms.seeds(),
            arms.errors(&ARMS, n),
            arms.times(Arm::Rft, n),
            arms.times(Arm::StepDpo, n),
        ),
        paper: "RFT on the learner's own verified solutions scales the efficiency of SFT by 2x, step-level RL on \
                its wrong solutions by 8x.",
        source: PaperSource::Quoted("caption of Fig. 1"),
        differs: "its pipeline starts from problems written by GPT-4 and Gemini; ours from stories that a program \
                  tells.",
    }
}

fn claims(arms: &Arms, n: usize) -> Vec<Measured> {
    // Read off RFT's own curve: a ratio of two ratios to SFT would be unknown where SFT reaches neither error.
    let further = match (arms.curve(Arm::Rft), arms.curve(Arm::StepDpo)) {
        (Some(rft), Some(step)) => data_ratio(rft, step, n as f64),
        _ => Err("cells missing".into()),
    };
    vec![
        arms.ratio_claim("RFT is worth more data than SFT", POSITIVES, Side::Above(1.0), Arm::Rft, n),
        arms.ratio_claim(
            "per-step DPO is worth more data than SFT",
            NEGATIVES,
            Side::Above(1.0),
            Arm::StepDpo,
            n,
        ),
        Measured {
            says: "RFT needs more data than per-step DPO for the same error",
            origin: NEGATIVES,
            statistic: format!("data ratio to RFT at n = {n}"),
            side: Side::Above(1.0),
            interval: further.map(|ratio| Interval::of_data_ratio(&ratio, arms.seeds())),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 12, 123, 1234, 1_234_567].map(count), ["0", "12", "123", "1,234", "1,234,567"]);
    }
}
