//! Figure 7: test error against the number of synthetic problems, for SFT, RFT, DPO and per-step DPO.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532, Figure 7, as far as notes on it quote it: per-step DPO keeps
//! improving with data and is worth about eight times the data of SFT; DPO on whole responses does not beat SFT,
//! and pairs of highest edit distance lie between the two. RFT is worth about twice the data (abstract).
//!
//! Differences: a closed lexicon world in place of GSM8K and MATH (the hard world in place of the one, the easy
//! world in place of the other, the hard one with many side branches in panel c), a 170-thousand-parameter
//! transformer in place of 7B models. Three controls that the paper has not got stand beside the methods.

use anyhow::Result;
use eightfold_experiments::arm::Arm;
use eightfold_experiments::arms::Arms;
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::csv::planned_csv;
use eightfold_experiments::figure::{Drawn, Elsewhere, Figure, Preset, Results};
use eightfold_experiments::plan::{self, Groups, Planned, decisive, sweep};
use eightfold_experiments::settings::World;
use eightfold_harness::{Measured, Origin, Seeds, Side, Topic};
use eightfold_plot::{Chart, Keys, Legend};

const METHODS: [Arm; 4] = [Arm::Sft, Arm::Rft, Arm::Dpo, Arm::StepDpo];
const CONTROLS: [Arm; 3] = [Arm::ChosenOnly, Arm::RftBudget, Arm::SftContinued];
const ALL: [Arm; 7] =
    [Arm::Sft, Arm::Rft, Arm::Dpo, Arm::StepDpo, Arm::ChosenOnly, Arm::RftBudget, Arm::SftContinued];
const PAIRS: [Arm; 4] = [Arm::Sft, Arm::Dpo, Arm::DpoEdit, Arm::StepDpo];

const POSITIVES: Origin = Origin::quoted(Topic::Positives, "abstract");
const NEGATIVES: Origin = Origin::quoted(Topic::Negatives, "abstract");
const FIGURE: Origin = Origin::quoted(Topic::Negatives, "Fig. 7, in notes");
const CONTROL: Origin = Origin::ours("control");

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig7",
        title: "Figure 7: error against synthetic problems",
        cells: |preset, seeds| plan::cells(plan(preset, seeds)),
        seeds: Seeds { smoke: 2, quick: 3, full: 9 },
        draw,
        elsewhere: elsewhere(),
    };
    figure.main()
}

/// Figure 7 on problems and a model of the user's.
#[cfg(feature = "models")]
fn elsewhere() -> Option<Elsewhere> {
    Some(Elsewhere {
        cells: |place, options, preset, seeds| options.cells(place, preset, seeds),
        draw: |results| {
            let arms = Arms::of_methods(&results.records, &ALL)?;
            let n = decisive(results.preset);
            let mut drawn = eightfold_experiments::outside::draw(results)?;
            drawn.claims = scaling_claims(&arms, n, false);
            drawn.claims.extend(control_claims(&arms, n));
            Ok(drawn)
        },
    })
}

/// This build has no language models.
#[cfg(not(feature = "models"))]
fn elsewhere() -> Option<Elsewhere> {
    None
}

fn plan(preset: Preset, seeds: u64) -> Vec<Planned> {
    // The controls of the easy world belong to the evidence; minutes do not suffice for them.
    let easy: &[Arm] = if preset == Preset::Full { &ALL } else { &METHODS };
    let mut plan = sweep(World::Hard, &ALL, preset, seeds);
    plan.extend(sweep(World::Easy, easy, preset, seeds));
    plan.extend(sweep(World::Branching, &PAIRS, preset, seeds));
    plan
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = plan(results.preset, results.seeds);
    let groups = Groups::new(&plan, results);
    let arms = |world: World, names: &[Arm]| Arms::new(&groups, world.name(), names);
    let (hard, easy) = (arms(World::Hard, &ALL)?, arms(World::Easy, &ALL)?);
    let branching = arms(World::Branching, &PAIRS)?;
    let n = decisive(results.preset);
    let theory = Some(results.cache.as_path());
    let ratios = [Arm::Rft, Arm::StepDpo];
    let chart = Chart {
        title: "Error against synthetic problems".into(),
        panels: vec![
            hard.panel(format!("hard: {}", hard.world()), theory, &ratios, n)?,
            easy.panel(format!("easy: {}", easy.world()), theory, &ratios, n)?,
            branching.panel("hard, many side branches: how pairs are made".into(), theory, &[], n)?,
        ],
        legend: Legend::Top,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: "power law, bootstrap band".into(),
            theory: "tabular learner".into(),
        },
        caption: caption(&hard, &easy, &branching, n).paragraphs(),
        panel_size: (300.0, 260.0),
        ..Chart::default()
    };
    let mut claims = scaling_claims(&hard, n, false);
    claims.extend(control_claims(&hard, n));
    claims.extend(scaling_claims(&easy, n, true));
    claims.extend(pair_claims(&branching, n));
    let tables = [("hard", &hard), ("easy", &easy), ("many side branches", &branching)];
    let mut notes = vec![format!(
        "Decided at n = {n}, which was fixed before the runs, by t intervals over {} seeds paired by seed. Few \
         seeds make wide intervals: *undecided* says just that. Settings were tuned in the hard world.",
        hard.seeds()
    )];
    notes.extend(tables.map(|(name, arms)| arms.ratio_table(name)));
    Ok(Drawn { chart, csv: planned_csv(&plan, results), claims, notes })
}

fn caption(hard: &Arms, easy: &Arms, branching: &Arms, n: usize) -> Caption {
    let controls = hard.errors(&CONTROLS, n);
    Caption {
        seen: format!(
            "errors at n = {n} over {} seeds. (a) {}; {controls}. (b) {}. (c) {}. Arrows: how many times the data \
             SFT needs for the same error; \"> \" where SFT was not measured so far. Dashes behind: the same \
             pipeline with a table in place of the network.",
            hard.seeds(),
            hard.errors(&METHODS, n),
            easy.errors(&METHODS, n),
            branching.errors(&PAIRS, n),
        ),
        paper: "RFT is worth about 2x the data of SFT and per-step DPO 8x; DPO on whole responses does not beat \
                SFT; pairs of highest edit distance lie between it and per-step DPO.",
        source: PaperSource::Quoted("abstract, and notes on Fig. 7"),
        differs: "the three controls are ours; panels a and b stand for its two datasets, c for its control on MATH.",
    }
}

/// The paper's claims in a world; a claim's words name the easy world.
fn scaling_claims(arms: &Arms, n: usize, easy: bool) -> Vec<Measured> {
    let says = |hard: &'static str, in_easy: &'static str| if easy { in_easy } else { hard };
    let ratio = |says, source, side, arm| arms.ratio_claim(says, source, side, arm, n);
    vec![
        ratio(
            says("RFT is worth more data than SFT", "easy world: RFT is worth more data than SFT"),
            POSITIVES,
            Side::Above(1.0),
            Arm::Rft,
        ),
        ratio(
            says("RFT is worth at least twice the data", "easy world: RFT is worth at least twice the data"),
            POSITIVES,
            Side::Above(2.0),
            Arm::Rft,
        ),
        ratio(
            says(
                "per-step DPO is worth more data than SFT",
                "easy world: per-step DPO is worth more data than SFT",
            ),
            NEGATIVES,
            Side::Above(1.0),
            Arm::StepDpo,
        ),
        ratio(
            says(
                "per-step DPO is worth at least 8x the data",
                "easy world: per-step DPO is worth at least 8x the data",
            ),
            NEGATIVES,
            Side::Above(8.0),
            Arm::StepDpo,
        ),
        ratio(
            says(
                "whole-response DPO is worth less than 1.25x",
                "easy world: whole-response DPO is worth less than 1.25x",
            ),
            FIGURE,
            Side::Below(1.25),
            Arm::Dpo,
        ),
        arms.below(
            says("per-step DPO errs less than RFT", "easy world: per-step DPO errs less than RFT"),
            NEGATIVES,
            Arm::Rft,
            Arm::StepDpo,
            n,
        ),
        arms.below(
            says(
                "per-step DPO errs less than whole-response DPO",
                "easy world: per-step DPO errs less than whole-response DPO",
            ),
            FIGURE,
            Arm::Dpo,
            Arm::StepDpo,
            n,
        ),
    ]
}

fn control_claims(hard: &Arms, n: usize) -> Vec<Measured> {
    let below = |says, control| hard.below(says, CONTROL, control, Arm::StepDpo, n);
    vec![
        below("per-step DPO errs less than its chosen sides alone", Arm::ChosenOnly),
        below("per-step DPO errs less than RFT with its verifier calls", Arm::RftBudget),
        below("per-step DPO errs less than SFT continued for as many updates", Arm::SftContinued),
    ]
}

fn pair_claims(branching: &Arms, n: usize) -> Vec<Measured> {
    let below = |says, other, method| branching.below(says, FIGURE, other, method, n);
    vec![
        below("side branches: most different pairs err less than random ones", Arm::Dpo, Arm::DpoEdit),
        below("side branches: per-step pairs err less than the most different", Arm::DpoEdit, Arm::StepDpo),
        below("side branches: per-step pairs err less than random ones", Arm::Dpo, Arm::StepDpo),
    ]
}
