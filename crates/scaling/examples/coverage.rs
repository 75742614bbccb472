//! How often intervals hold the truth, at the sizes, seeds and noise of figure 7.
//!
//! `cargo run --release -p eightfold-scaling --example coverage -- [data sets] [seeds,seeds,...]` prints a
//! Markdown table; the committed one is `docs/coverage.md`. On one thread: `RAYON_NUM_THREADS=1`.
//!
//! A data set: the baseline at 8 sizes (64 to 8,192), the method at 6 (64 to 2,048), both power laws, the
//! method's that of the baseline at 4 n. A seed multiplies all its errors, of both methods, by exp(0.06 z);
//! every run has a factor exp(0.06 z) of its own; test errors are counted over 1,000 problems. Runs of one
//! size then differ by about 9 % of their error, and by the binomial 3 to 7 % on top.

use eightfold_scaling::{
    At, Bootstrap, Curve, Fit, Interval, Kind, Objective, Outcomes, PowerLaw, Quantity, Ratio, Reading, Run,
    ScalingError, Scheme, bootstrap, bootstrap_crossed, bootstrap_seeds, data_multiplier, data_multiplier_t,
    delta, error_ratio, fit, fit_curve, normal, profile, seeds_t,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

const A: f64 = 2.0;
const EXPONENT: f64 = 0.3;
const FACTOR: f64 = 4.0;
const SHARED: f64 = 0.06;
const OWN: f64 = 0.06;
const PROBLEMS: usize = 1000;
/// The size at which values and ratios are asked for.
const SIZE: f64 = 512.0;
const LEVEL: f64 = 0.95;
/// Resamples of points, residuals and problems; seeds are drawn in every way.
const RESAMPLES: usize = 400;

const SQUARES: Objective = Objective::LogSquares;
const HUBER: Objective = Objective::Huber { delta: 1e-3 };

fn law(n: f64) -> f64 {
    A * n.powf(-EXPONENT)
}

/// Hits, trials and the sum of widths in logarithms, by (what, which interval).
#[derive(Default)]
struct Tally(BTreeMap<(&'static str, String), (u32, u32, f64, u32)>);

impl Tally {
    /// Counts one interval on a scale where differences are natural; an error counts as a miss.
    fn add(
        &mut self,
        what: &'static str,
        how: String,
        truth: f64,
        interval: Result<(f64, f64), ScalingError>,
    ) {
        let entry = self.0.entry((what, how)).or_default();
        entry.1 += 1;
        if let Ok((low, high)) = interval {
            entry.0 += u32::from(low <= truth && truth <= high);
            if (high - low).is_finite() {
                entry.2 += high - low;
                entry.3 += 1;
            }
        }
    }
}

/// The two curves of one data set.
fn curves(seeds: u64, rng: &mut ChaCha8Rng) -> Result<(Curve, Curve), ScalingError> {
    let (mut baseline, mut method) = (vec![], vec![]);
    for seed in 0..seeds {
        let shared = SHARED * normal(rng);
        for k in 6..14 {
            let n = 2f64.powi(k);
            let mut run = |n_effective: f64| {
                let rate = (law(n_effective).ln() + shared + OWN * normal(rng)).exp().min(1.0);
                let wrong = (0..PROBLEMS).filter(|_| rng.random_range(0.0..1.0) < rate).count();
                Run { n, seed, error: wrong as f64 / PROBLEMS as f64 }
            };
            baseline.push(run(n));
            if k < 12 {
                method.push(run(FACTOR * n));
            }
        }
    }
    let floor = 0.5 / PROBLEMS as f64;
    Ok((Curve::new(&baseline, floor)?, Curve::new(&method, floor)?))
}

fn name(objective: Objective) -> &'static str {
    if objective == SQUARES { "squares" } else { "Huber 1e-3" }
}

/// Intervals of the exponent and of the value at one size.
fn laws(
    tally: &mut Tally,
    curve: &Curve,
    objective: Objective,
    settings: &Bootstrap,
) -> Result<(), ScalingError> {
    let fitted = fit_curve(&PowerLaw, curve, objective)?;
    let rows = curve.rows();
    let (exponent, value) = (Quantity::Param(1), Quantity::Value(vec![SIZE]));
    let raw = |i: Interval| (i.low, i.high);
    let logs = |i: Interval| (i.low.ln(), i.high.ln());
    for (scheme, what) in
        [(None, "seeds"), (Some(Scheme::Points), "points"), (Some(Scheme::Residuals), "residuals")]
    {
        let resampled = match &scheme {
            None => bootstrap_seeds(&fitted, curve, settings)?,
            Some(scheme) => bootstrap(&fitted, &rows, scheme, settings)?,
        };
        for (kind, of) in
            [(Kind::Percentile, "percentile"), (Kind::Bca, "BCa"), (Kind::Student, "bootstrap-t")]
        {
            let how = format!("{of} over {what}, {}", name(objective));
            tally.add("exponent", how.clone(), EXPONENT, Ok(raw(resampled.interval(&exponent, kind))));
            tally.add("value", how, law(SIZE).ln(), Ok(logs(resampled.interval(&value, kind))));
        }
    }
    let objective_name = name(objective);
    tally.add(
        "exponent",
        format!("profile, {objective_name}"),
        EXPONENT,
        profile(&fitted, &rows, 1, LEVEL).map(raw),
    );
    tally.add(
        "exponent",
        format!("delta, {objective_name}"),
        EXPONENT,
        delta(&fitted, &rows, 1, LEVEL).map(raw),
    );
    let t = |quantity: fn(&Fit) -> f64| {
        seeds_t(&PowerLaw, curve, objective, LEVEL, quantity).map(|e| (e.low, e.high))
    };
    let how = format!("t over seeds' own fits, {objective_name}");
    tally.add("exponent", how.clone(), EXPONENT, t(|fit| fit.params[1]));
    tally.add("value", how, law(SIZE).ln(), t(|fit| fit.predict(&[SIZE]).ln()));
    Ok(())
}

/// Intervals of the data ratio, at a size and over a range of error, and of the error ratio.
fn ratios(tally: &mut Tally, baseline: &Curve, method: &Curve, settings: &Bootstrap) {
    let places =
        [("ratio at a size", At::Size(SIZE)), ("ratio over errors", At::Errors { low: 0.17, high: 0.28 })];
    let readings = [
        ("laws, squares", Reading::Law { law: &PowerLaw, objective: SQUARES }),
        ("laws, Huber 1e-3", Reading::Law { law: &PowerLaw, objective: HUBER }),
        ("isotonic", Reading::Isotonic),
    ];
    let ends = |ratio: Ratio| (ratio.low().ln(), ratio.high().ln());
    for (what, at) in places {
        for (label, reading) in &readings {
            let percentile = data_multiplier(baseline, method, reading, at, settings).map(|m| ends(m.ratio));
            tally.add(what, format!("percentile over seeds, {label}"), FACTOR.ln(), percentile);
            let t = data_multiplier_t(baseline, method, reading, at, LEVEL).map(ends);
            tally.add(what, format!("t over seeds' own ratios, {label}"), FACTOR.ln(), t);
        }
    }
    let t = error_ratio(baseline, method, SIZE, LEVEL).map(|e| (e.low.ln(), e.high.ln()));
    tally.add("error ratio", "t over seeds".into(), -EXPONENT * FACTOR.ln(), t);
}

/// The value for problems like these: 1,000 drawn ones, each failed by runs with an error above its own
/// threshold (plus a little of the run's own), so that all runs share the luck of the draw.
fn crossed(
    tally: &mut Tally,
    seeds: u64,
    rng: &mut ChaCha8Rng,
    settings: &Bootstrap,
) -> Result<(), ScalingError> {
    let thresholds: Vec<f64> = (0..PROBLEMS).map(|_| rng.random_range(0.0..1.0)).collect();
    let mut runs = vec![];
    for seed in 0..seeds {
        let shared = SHARED * normal(rng);
        for k in 6..12 {
            let n = 2f64.powi(k);
            let rate = (law(n).ln() + shared + OWN * normal(rng)).exp();
            let wrong = thresholds.iter().map(|t| t + 0.1 * rng.random_range(-1.0..1.0) < rate).collect();
            runs.push(Outcomes { n, seed, wrong });
        }
    }
    let rows = Outcomes::rows(&runs);
    let fitted = fit(&PowerLaw, &rows, SQUARES)?;
    let value = Quantity::Value(vec![SIZE]);
    let logs = |i: Interval| (i.low.ln(), i.high.ln());
    let what = "value, problems drawn too";
    let both = bootstrap_crossed(&fitted, &runs, settings)?.interval(&value, Kind::Percentile);
    tally.add(what, "percentile over seeds and problems, squares".into(), law(SIZE).ln(), Ok(logs(both)));
    let labels = Scheme::Clusters(runs.iter().map(|run| run.seed).collect());
    let alone = bootstrap(&fitted, &rows, &labels, settings)?.interval(&value, Kind::Percentile);
    tally.add(what, "percentile over seeds alone, squares".into(), law(SIZE).ln(), Ok(logs(alone)));
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let sets: u64 = arguments.next().map_or(Ok(2000), |text| text.parse())?;
    let seeds: Result<Vec<u64>, _> =
        arguments.next().unwrap_or("3,5,10".into()).split(',').map(str::parse).collect();
    let seeds = seeds?;
    let started = std::time::Instant::now();
    let mut tallies = vec![];
    for &count in &seeds {
        let mut tally = Tally::default();
        for set in 0..sets {
            let mut rng = ChaCha8Rng::seed_from_u64(set);
            rng.set_stream(count);
            let settings = Bootstrap { level: LEVEL, resamples: RESAMPLES, seed: set };
            let (baseline, method) = curves(count, &mut rng)?;
            for objective in [SQUARES, HUBER] {
                laws(&mut tally, &first_sizes(&baseline)?, objective, &settings)?;
            }
            ratios(&mut tally, &baseline, &method, &settings);
            crossed(&mut tally, count, &mut rng, &settings)?;
        }
        tallies.push(tally);
        eprintln!("{count} seeds: {:.0} s so far", started.elapsed().as_secs_f64());
    }
    print(&seeds, &tallies, sets);
    Ok(())
}

/// Six sizes of the baseline, as many as a method has.
fn first_sizes(baseline: &Curve) -> Result<Curve, ScalingError> {
    Ok(baseline.of_sizes(&baseline.sizes()[..6]))
}

fn print(seeds: &[u64], tallies: &[Tally], sets: u64) {
    let heads: Vec<String> = seeds.iter().map(|s| format!("{s} seeds | width")).collect();
    println!("| of | interval | {} |", heads.join(" | "));
    println!("|---|---|{}", "---|---|".repeat(seeds.len()));
    let Some(first) = tallies.first() else { return };
    for key in first.0.keys() {
        let cells: Vec<String> = tallies
            .iter()
            .map(|tally| {
                let (hits, trials, width, finite) = tally.0[key];
                let share = 100.0 * f64::from(hits) / f64::from(trials);
                let width = if finite * 2 > trials {
                    format!("{:.3}", width / f64::from(finite))
                } else {
                    "inf".into()
                };
                format!("{share:.1} | {width}")
            })
            .collect();
        println!("| {} | {} | {} |", key.0, key.1, cells.join(" | "));
    }
    let error = |p: f64| 100.0 * (p * (1.0 - p) / sets as f64).sqrt();
    println!(
        "\n{sets} data sets for each column; Monte-Carlo standard error {:.1} points at 95 %, {:.1} at 75 %. Width: mean, \
         in units of the exponent, else of the logarithm; `inf` where most intervals have an end missing.",
        error(0.95),
        error(0.75)
    );
}
