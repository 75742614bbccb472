//! Figure 9: filtering and weighting by advantage, with advantages of one draw and of the best of five.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532: that steps which are right but make no progress have low
//! advantage is quoted in notes on its Figures 8 and 9; that filtering or down-weighting them stops the inverse
//! scaling is quoted from notes on a lecture; that this is Figure 9 is recalled. Advantage-weighted RL is its Eq. 4,
//! and Theorem 6.1 says that per-step DPO has the same optimum.
//!
//! Differences: advantages are of every distinct sample, by 5 rollouts from each prefix. Filtering masks steps: they
//! are read and not learned. Plain RFT and the controls of figure 7 stand beside both.

use anyhow::Result;
use eightfold_experiments::arm::Arm::{
    self, ChosenOnly, Rft, RftBudget, RftFiltered, Sft, SftContinued, StepDpo, Weighted,
};
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::csv::csv_behind;
use eightfold_experiments::curves::{below_claim, complete, curve, series};
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::pipeline::{Cell, Method};
use eightfold_experiments::settings::{self, Recipe};
use eightfold_experiments::store::Record;
use eightfold_harness::{Measured, Origin, Seeds, Side, Table, Topic};
use eightfold_plot::{Axis, Chart, Keys, Legend, Panel, Scale};
use eightfold_scaling::Curve;

const METHODS: [Arm; 8] = [Sft, Rft, RftFiltered, Weighted, StepDpo, ChosenOnly, RftBudget, SftContinued];

/// Draws of the completers whose advantages are compared.
const DRAWS: [usize; 2] = [1, 5];

/// Errors within this factor of each other count as equal.
const MARGIN: f64 = 1.25;

/// The size at which claims are decided, in each preset: fixed before the runs.
fn decisive(preset: Preset) -> usize {
    match preset {
        Preset::Smoke => 16,
        Preset::Quick | Preset::Standard | Preset::Full => 256,
    }
}

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig9",
        title: "Figure 9: filtering and weighting by advantage",
        cells,
        seeds: Seeds { smoke: 2, quick: 3, full: 9 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn cells(preset: Preset, seeds: u64) -> Vec<Cell> {
    let sizes: &[usize] = match preset {
        Preset::Smoke => &[8, 16],
        Preset::Quick | Preset::Standard => &[128, 256, 512],
        Preset::Full => &[64, 128, 256, 512, 1024],
    };
    let mut out = Vec::new();
    for seed in 0..seeds {
        for &n in sizes {
            let mut methods = vec![
                Recipe::sft(),
                settings::rft(n),
                settings::step_dpo(n),
                settings::chosen_only(n),
                settings::rft_budget(n),
                settings::sft_continued(n),
            ];
            methods.extend(DRAWS.map(|k| settings::rft_filtered(n, k)));
            methods.extend(DRAWS.map(|k| settings::weighted(n, k)));
            out.extend(methods.into_iter().map(|m| settings::at_preset(settings::cell(m, n, seed), preset)));
        }
    }
    out
}

/// Draws of the completer that a method's advantages are for, where it has any.
fn draws(method: &Method) -> Option<usize> {
    match method {
        Method::Imitate(imitation) => imitation.completer().map(|completer| completer.draws()),
        Method::Untrained { .. } | Method::Sft {} | Method::Prefer(_) | Method::Online(_) => None,
    }
}

/// The complete curves of one panel.
struct Curves(Vec<(Arm, Curve)>);

impl Curves {
    /// Methods that use advantages with `k` draws, and those that use none.
    fn new(records: &[Record], k: usize) -> Result<Self> {
        let here = |record: &&Record| draws(&record.cell.method).is_none_or(|draws| draws == k);
        let records: Vec<Record> = records.iter().filter(here).cloned().collect();
        let mut curves = Vec::new();
        for method in METHODS {
            if let Some(curve) = curve(&records, method)? {
                curves.push((method, complete(&curve)));
            }
        }
        Ok(Self(curves))
    }

    fn of(&self, method: Arm) -> Option<&Curve> {
        self.0.iter().find(|(of, _)| *of == method).map(|(_, curve)| curve)
    }

    /// Geometric mean over seeds, in words.
    fn error(&self, method: Arm, n: usize) -> String {
        let runs = self.of(method).into_iter().flat_map(|curve| curve.runs()).filter(|r| r.n == n as f64);
        let logs: Vec<f64> = runs.map(|run| run.error.ln()).collect();
        let mean = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
        if logs.is_empty() { "not measured".into() } else { format!("{mean:.3}") }
    }
}

fn draw(results: &Results) -> Result<Drawn> {
    let [one, five] = DRAWS.map(|k| Curves::new(&results.records, k));
    let (one, five) = (one?, five?);
    let n = decisive(results.preset);
    let panel = |title: &str, curves: &Curves| Panel {
        title: title.into(),
        x: Axis { label: "synthetic problems".into(), scale: Scale::Log2, range: None },
        y: Axis { label: "test error (greedy)".into(), scale: Scale::Log10, range: None },
        series: curves.0.iter().map(|(method, curve)| series(curve, *method)).collect(),
        ..Panel::default()
    };
    let chart = Chart {
        title: "Filtering and weighting by advantage".into(),
        panels: vec![panel("advantages of one draw", &one), panel("advantages of the best of 5", &five)],
        legend: Legend::Top,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: "power law, bootstrap band".into(),
            theory: String::new(),
        },
        caption: caption(&one, &five, n).paragraphs(),
        panel_size: (340.0, 260.0),
        ..Chart::default()
    };
    Ok(Drawn { chart, csv: table(results), claims: claims(&one, &five, n), notes: notes(&one, &five, n) })
}

fn caption(one: &Curves, five: &Curves, n: usize) -> Caption {
    let errors = |curves: &Curves, methods: &[Arm]| {
        let say = |&method: &Arm| format!("{} {}", method.label(), curves.error(method, n));
        methods.iter().map(say).collect::<Vec<_>>().join(", ")
    };
    Caption {
        seen: format!(
            "errors at n = {n}: {}; (a) {}; (b) {}. The methods without advantages are the same in both panels.",
            errors(five, &[Sft, Rft, StepDpo, ChosenOnly, RftBudget, SftContinued]),
            errors(one, &[RftFiltered, Weighted]),
            errors(five, &[RftFiltered, Weighted]),
        ),
        paper: "low-advantage steps of right solutions are what makes RFT scale inversely; filtering or \
                down-weighting them stops it, and weighting by advantage has the optimum of per-step DPO.",
        source: PaperSource::Quoted("notes on Figs. 8 and 9, on a lecture, and on Theorem 6.1"),
        differs: "the paper's own figure is not known to us; the three controls are ours.",
    }
}

const LECTURE: Origin = Origin::quoted(Topic::Credit, "lecture notes");
const THEOREM: Origin = Origin::quoted(Topic::Credit, "Theorem 6.1, in notes");
const CONTROL: Origin = Origin::ours("control");

/// What weighting is claimed to err less than, in words for the best of five and for one draw.
const WEIGHTING_BELOW: [(Arm, Origin, [&str; 2]); 4] = [
    (Rft, LECTURE, ["best of 5: weighting errs less than RFT", "one draw: weighting errs less than RFT"]),
    (
        ChosenOnly,
        CONTROL,
        [
            "best of 5: weighting errs less than chosen sides alone",
            "one draw: weighting errs less than chosen sides alone",
        ],
    ),
    (
        RftBudget,
        CONTROL,
        [
            "best of 5: weighting errs less than RFT with per-step DPO's verifier calls",
            "one draw: weighting errs less than RFT with per-step DPO's verifier calls",
        ],
    ),
    (
        SftContinued,
        CONTROL,
        [
            "best of 5: weighting errs less than SFT continued",
            "one draw: weighting errs less than SFT continued",
        ],
    ),
];

fn claims(one: &Curves, five: &Curves, n: usize) -> Vec<Measured> {
    let compare = |says, origin, curves: &Curves, (method, other): (Arm, Arm), side| Measured {
        side,
        ..below_claim(says, origin, curves.of(other), curves.of(method), n)
    };
    let (less, no_more, no_less) = (Side::Below(1.0), Side::Below(MARGIN), Side::Above(1.0 / MARGIN));
    let filtering = (RftFiltered, Rft);
    let against = |other| (Weighted, other);
    let masked = [
        "best of 5: masking low-advantage steps helps RFT",
        "one draw: masking low-advantage steps helps RFT",
    ];
    let most = [
        "best of 5: weighting errs at most 1.25x per-step DPO",
        "one draw: weighting errs at most 1.25x per-step DPO",
    ];
    let least = [
        "best of 5: weighting errs at least 0.8x per-step DPO",
        "one draw: weighting errs at least 0.8x per-step DPO",
    ];
    let mut claims = Vec::new();
    for (i, curves) in [five, one].into_iter().enumerate() {
        claims.push(compare(masked[i], LECTURE, curves, filtering, less));
        claims.push(compare(most[i], THEOREM, curves, against(StepDpo), no_more));
        claims.push(compare(least[i], THEOREM, curves, against(StepDpo), no_less));
    }
    for (i, curves) in [five, one].into_iter().enumerate() {
        for (other, origin, says) in WEIGHTING_BELOW {
            claims.push(compare(says[i], origin, curves, against(other), less));
        }
    }
    claims
}

/// The common table with the completer's draws in front.
fn table(results: &Results) -> String {
    let k = |record: &Record| draws(&record.cell.method).map_or_else(String::new, |k| k.to_string());
    csv_behind(&results.records, |record| [("k", k(record))])
}

fn notes(one: &Curves, five: &Curves, n: usize) -> Vec<String> {
    let mut table = Table::default();
    for (curves, k) in [(one, 1), (five, 5)] {
        for method in [RftFiltered, Weighted] {
            let Some(curve) = curves.of(method) else { continue };
            for size in curve.sizes() {
                let ratio = |other: Arm| {
                    below_claim("", Origin::ours(""), curves.of(other), Some(curve), size as usize).value()
                };
                table.row([
                    ("method", format!("{}, K = {k}", method.label())),
                    ("n", size.to_string()),
                    ("ratio of errors to RFT", ratio(Rft)),
                    ("to per-step DPO", ratio(StepDpo)),
                ]);
            }
        }
    }
    vec![
        format!(
            "Decided at n = {n}, which was fixed before the runs, by t intervals of log ratios paired by seed. Each \
             method keeps its own tuned settings (LOG.md)."
        ),
        table.markdown(),
    ]
}
