//! Figure 6: a wrong solution with the value and the advantage of each step, and where pits fall over all wrong
//! solutions.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532, Figure 6, recalled: per-step advantages on an example of a wrong
//! solution; Algorithm 1, quoted in notes: the first pit is the first step with the lowest Q, by 5 rollouts.
//!
//! Differences: here values are known exactly beside their estimates, so the law that the places of pits follow,
//! P(i) = (1 - q_i)^K prod_{j < i} (1 - (1 - q_j)^K), can be held against them.

use anyhow::Result;
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::paired::{average, mean_claim, spread};
use eightfold_experiments::pipeline::{
    Cell, Evaluation, Pits, Places, Probe, Probed, Sampling, Worked, WorkedStep,
};
use eightfold_experiments::probed_csv::pits_csv;
use eightfold_experiments::settings::{self, Recipe};
use eightfold_harness::{Measured, Origin, Seeds, Side, Table};
use eightfold_plot::{Axis, Bar, Chart, Color, Estimate, Keys, Legend, Marker, Panel, Scale, Series};

/// Largest total variation between observed and expected places that counts as following the law. Chance alone
/// gives about 0.02 with a thousand wrong solutions.
const MARGIN: f64 = 0.05;

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig6",
        title: "Figure 6: what each step of a wrong solution is worth, and where pits fall",
        cells,
        seeds: Seeds { smoke: 2, quick: 3, full: 9 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn cells(preset: Preset, seeds: u64) -> Vec<Cell> {
    let problems = if preset == Preset::Smoke { 16 } else { 256 };
    let rollouts = if preset == Preset::Smoke { 10 } else { 200 };
    // SFT and samples are those that the methods of figure 7 start from.
    let cell = |seed| Cell {
        sampling: Some(Sampling::default()),
        evaluation: Evaluation { problems: 200, samples: 1, ..Evaluation::default() },
        probe: Some(Probe::Pits { rollouts }),
        ..settings::with_sft(settings::cell(Recipe::sft(), problems, seed), settings::start(problems))
    };
    (0..seeds).map(|seed| settings::at_preset(cell(seed), preset)).collect()
}

/// One a seed.
fn measured(results: &Results) -> Vec<&Pits> {
    let probed = results.records.iter().filter_map(|record| match &record.metrics.probed {
        Some(Probed::Pits(pits)) => Some(pits.as_ref()),
        _ => None,
    });
    probed.collect()
}

fn draw(results: &Results) -> Result<Drawn> {
    let pits = measured(results);
    let worked = pits.iter().find_map(|pits| pits.worked.as_ref());
    let chart = Chart {
        title: "What each step of a wrong solution is worth, and where first pits fall".into(),
        panels: vec![
            example(worked),
            places("the network", &pits.iter().map(|p| &p.network).collect::<Vec<_>>()),
            places("the tabular learner", &pits.iter().map(|p| &p.tabular).collect::<Vec<_>>()),
        ],
        legend: Legend::Top,
        keys: Keys {
            sample: "one seed".into(),
            mean: "mean and 95 % interval".into(),
            curve: String::new(),
            theory: String::new(),
        },
        caption: caption(&pits, worked),
        panel_size: (270.0, 240.0),
        ..Chart::default()
    };
    Ok(Drawn { chart, csv: pits_csv(&results.records), claims: claims(&pits), notes: notes(&pits, worked) })
}

/// Values along the worked example, the question at 0.
fn example(worked: Option<&Worked>) -> Panel {
    let mut panel = Panel {
        title: "one wrong solution".into(),
        x: Axis {
            label: "steps written".into(),
            range: worked.map(|worked| (-0.4, worked.steps.len() as f64 + 0.4)),
            ..Axis::default()
        },
        y: Axis { label: "Q".into(), scale: Scale::Linear, range: Some((-0.04, 1.04)) },
        ..Panel::default()
    };
    let Some(worked) = worked else { return panel };
    let values = worked.values();
    let method = |name: &str, color, marker| Series { name: name.into(), color, marker, ..Series::default() };
    let exact = |of: usize, series: Series| Series {
        curve: values.iter().enumerate().map(|(i, v)| (i as f64, v[of])).collect(),
        ..series
    };
    // The last value is the verdict, which needs no rollouts.
    let estimate = |(x, value): (usize, &[f64; 3])| {
        let (low, high) = wilson(value[1], worked.rollouts);
        Estimate { x: x as f64, y: value[1], low, high }
    };
    let pit = worked.pit + 1;
    panel.series = vec![
        exact(2, method(&format!("Q of the best of {}, exact", worked.k), Color::SkyBlue, Marker::Square)),
        exact(0, method("Q of one draw, exact", Color::Black, Marker::Circle)),
        Series {
            means: values[..values.len() - 1].iter().enumerate().map(estimate).collect(),
            secondary: true,
            ..method(&format!("Q of one draw, {} rollouts", worked.rollouts), Color::Orange, Marker::Diamond)
        },
        Series {
            means: vec![point(pit as f64, values[pit][0])],
            ..method("first pit", Color::Vermillion, Marker::Cross)
        },
    ];
    panel
}

fn point(x: f64, y: f64) -> Estimate {
    Estimate { x, y, low: y, high: y }
}

/// The 95 % score interval of a share (Wilson 1927).
fn wilson(share: f64, draws: usize) -> (f64, f64) {
    let (z, n) = (1.96f64, (draws as f64).max(1.0));
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    (middle - half, middle + half)
}

/// Share of pits at each step: observed, and by the law.
fn places(title: &str, seeds: &[&Places]) -> Panel {
    let steps = seeds.iter().map(|p| p.observed.len()).max().unwrap_or(0);
    let mut observed = Series {
        name: "pits found".into(),
        color: Color::Blue,
        marker: Marker::Diamond,
        ..Series::default()
    };
    let mut law = Series { name: "the law".into(), color: Color::Gray, ..Series::default() };
    for step in 0..steps {
        let x = step as f64 + 1.0;
        let share = |count: Option<f64>, p: &Places| count.unwrap_or(0.0) / (p.solutions as f64).max(1.0);
        let found: Vec<f64> =
            seeds.iter().map(|p| share(p.observed.get(step).map(|c| *c as f64), p)).collect();
        let expected: Vec<f64> = seeds.iter().map(|p| share(p.expected.get(step).copied(), p)).collect();
        spread(&mut observed, x, &found);
        let height = average(expected);
        law.bars.push(Bar { from: x - 0.5, to: x + 0.5, y: height });
    }
    let top = law.bars.iter().map(|bar| bar.y).chain(observed.samples.iter().map(|(_, y)| *y));
    let top = 1.15 * top.fold(0.05, f64::max);
    Panel {
        title: format!("first pits of {title}"),
        x: Axis { label: "step".into(), range: Some((0.3, steps.max(1) as f64 + 0.7)), ..Axis::default() },
        y: Axis { label: "share of wrong solutions".into(), range: Some((0.0, top)), ..Axis::default() },
        series: vec![law, observed],
        ..Panel::default()
    }
}

/// Share of wrong solutions with a critical misreading whose pit lies at the first, before and after it.
fn sides(places: &Places) -> ([f64; 3], [f64; 3]) {
    let found = places.first_critical.map(|count| count as f64);
    let of = |counts: [f64; 3]| {
        let all: f64 = counts.iter().sum();
        counts.map(|count| count / all.max(1.0))
    };
    (of(found), of(places.first_critical_expected))
}

/// The steps of the worked example.
fn in_words(worked: &Worked) -> String {
    let step = |(i, step): (usize, &WorkedStep)| {
        let note = match step.reading {
            Some((false, true)) => " (misread, critical)",
            Some((false, false)) => " (misread, side branch)",
            _ => "",
        };
        format!("{} {}{note}", i + 1, step.text.trim_end_matches(" ."))
    };
    let steps: Vec<String> = worked.steps.iter().enumerate().map(step).collect();
    let Worked { question, answer, .. } = worked;
    format!(
        "The solution of panel a, to \"{question}\" with the right answer {answer}: {}.",
        steps.join(" | ")
    )
}

fn caption(pits: &[&Pits], worked: Option<&Worked>) -> Vec<String> {
    let networks = pits.iter().map(|p| &p.network);
    let at = average(networks.clone().map(|p| sides(p).0[0]));
    let [before, after] = [1, 2].map(|side| average(networks.clone().map(|p| sides(p).0[side])));
    let apart = average(networks.map(Places::total_variation));
    let mut paragraphs = Caption {
        seen: format!(
            "(a) the value of a wrong solution after each step, exact and by rollouts; it falls at the pit. (b, c) \
             places of all first pits; gray, where the exact values put them. Total variation {apart:.3} for the \
             network. Its pit is the first critical misreading in {:.0} % of wrong solutions; earlier in {:.0} %, where \
             all rollouts failed though nothing was wrong yet; and later in {:.0} %, where a lucky later reading \
             still saved one of them.",
            100.0 * at,
            100.0 * before,
            100.0 * after
        ),
        paper: "rollouts give each step of a wrong solution credit: critical steps have high or low advantage.",
        source: PaperSource::Recalled,
        differs: "exact values of the network are those of its reading probabilities with all else done right.",
    }
    .paragraphs();
    if let Some(worked) = worked {
        paragraphs.insert(1, in_words(worked));
    }
    paragraphs
}

fn claims(pits: &[&Pits]) -> Vec<Measured> {
    let claim = |says, origin, statistic: &str, side, of: fn(&Pits) -> f64| {
        mean_claim(says, origin, statistic.into(), side, &pits.iter().map(|p| of(p)).collect::<Vec<_>>())
    };
    let (law, within) = (Origin::ours("derived law"), Side::Below(MARGIN));
    let expected = Origin::ours("expectation");
    let (variation, shift) = ("total variation of the places", "mean place less that of the law, in steps");
    let critical = "share of wrong solutions with a critical misreading";
    vec![
        claim("pits of the network fall where the law puts them", law, variation, within, |p| {
            p.network.total_variation()
        }),
        claim("pits of the tabular learner fall where the law puts them", law, variation, within, |p| {
            p.tabular.total_variation()
        }),
        claim("the network's pits come less than 0.1 steps late", law, shift, Side::Below(0.1), |p| {
            p.network.shift()
        }),
        claim("the network's pits come less than 0.1 steps early", law, shift, Side::Above(-0.1), |p| {
            p.network.shift()
        }),
        claim(
            "most first pits are the first critical misreading",
            expected,
            critical,
            Side::Above(0.5),
            |p| sides(&p.network).0[0],
        ),
    ]
}

fn notes(pits: &[&Pits], worked: Option<&Worked>) -> Vec<String> {
    let mut table = Table::default();
    for (seed, pits) in pits.iter().enumerate() {
        for (name, places) in [("network", &pits.network), ("tabular", &pits.tabular)] {
            let (chi_square, freedom) = places.chi_square();
            let (found, expected) = sides(places);
            let say = |shares: [f64; 3]| shares.map(|share| format!("{share:.3}")).join(", ");
            table.row([
                ("learner", name.to_owned()),
                ("seed", seed.to_string()),
                ("wrong solutions", places.solutions.to_string()),
                ("left out for a slip", places.slipped.to_string()),
                ("total variation", format!("{:.4}", places.total_variation())),
                ("chi-square (freedom)", format!("{chi_square:.1} ({freedom})")),
                ("pit at, before, after the first critical misreading", say(found)),
                ("the same by the law", say(expected)),
            ]);
        }
    }
    let mut notes = vec![
        "Wrong solutions of all problems, each distinct one once. Chi-square over the steps with five pits or more \
         expected: above about twice its freedom the law does not hold to the letter. The tabular learner's values \
         are exact; the network's take its readings from a table, so its rest is what a table leaves out."
            .into(),
        table.markdown(),
    ];
    notes.extend(worked.map(|worked| format!("```text\n{worked}```")));
    notes
}
