//! What is printed: tables for people, JSON for programs.

use super::ratios::{GroupDifference, GroupRatio};
use super::{Comparison, Fit, Group};
use eightfold_scaling::{At, Objective, Ratio, ScalingError, Verdict};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Tables.
pub(crate) fn text(
    options: &Fit,
    groups: &[Group],
    ratios: &[GroupRatio],
    differences: &[GroupDifference],
) -> String {
    let mut out = String::new();
    for group in groups {
        // Writing to a string does not fail.
        let _ = group_text(&mut out, options, group);
    }
    if !ratios.is_empty() {
        let _ = ratio_text(&mut out, options, ratios);
        let _ = difference_text(&mut out, options, differences);
    }
    out
}

fn group_text(out: &mut String, options: &Fit, group: &Group) -> std::fmt::Result {
    let fit = &group.fit;
    if !group.name.is_empty() {
        writeln!(out, "== {}", group.name)?;
    }
    writeln!(out, "law            {}: {}", fit.law.name(), fit.law.formula())?;
    writeln!(out, "points         {}", fit.points)?;
    writeln!(out, "objective      {:.9e} ({}, summed)", fit.value, objective(fit.objective))?;
    let starts = fit.starts;
    writeln!(
        out,
        "starts         {} of {} walks, from a grid of {}, ended within 1 % of the best",
        starts.near_best, starts.walked, starts.grid
    )?;
    writeln!(out, "condition      {:.2e} (scaled curvature)", fit.condition)?;
    match &group.extrapolation {
        Ok(e) => writeln!(
            out,
            "extrapolation  {:.4} rms of ln error (bias {:+.4}) over the {} points of the largest sizes, held out",
            e.error, e.bias, e.held_out
        )?,
        Err(error) => writeln!(out, "extrapolation  none: {error}")?,
    }
    writeln!(out, "seconds        {:.3}\n", group.seconds)?;
    params_text(out, options, group)?;
    let weak = fit.weak();
    if !weak.is_empty() {
        writeln!(out, "\nnot identifiable from these points: {}", weak.join(", "))?;
    }
    if let Some(resampled) = group.resampled.as_ref().filter(|r| r.failed() > 0.0) {
        writeln!(out, "\n{:.1} % of resamples had too few sizes to be fitted", 100.0 * resampled.failed())?;
    }
    few_clusters(out, options, group)?;
    if !group.comparison.is_empty() {
        comparison_text(out, &group.comparison)?;
    }
    writeln!(out)
}

fn params_text(out: &mut String, options: &Fit, group: &Group) -> std::fmt::Result {
    let fit = &group.fit;
    let heading = group.intervals.as_ref().map_or(String::new(), |_| interval_heading(options));
    writeln!(out, "{:10}{:>14}  {heading:30}  meaning", "parameter", "value")?;
    for (j, param) in fit.law.params().iter().enumerate() {
        let interval = group.intervals.as_ref().map_or(String::new(), |intervals| match intervals[j] {
            Some((low, high)) => format!("[{}, {}]", short(low), short(high)),
            None => "none: not identifiable".to_owned(),
        });
        let bound = if fit.on_bound[j] { "  (on its bound)" } else { "" };
        let value = short(fit.params[j]);
        writeln!(out, "{:10}{value:>14}  {interval:30}  {}{bound}", param.name, param.meaning)?;
    }
    Ok(())
}

fn interval_heading(options: &Fit) -> String {
    format!("{:.0} % {}", 100.0 * options.level, options.interval)
}

fn few_clusters(out: &mut String, options: &Fit, group: &Group) -> std::fmt::Result {
    let Some(labels) = group.clusters.as_ref().filter(|_| group.intervals.is_some()) else { return Ok(()) };
    let mut different = labels.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < 10 && options.interval != "profile" {
        writeln!(
            out,
            "\nintervals over {} values of `{}` cover less than they state: see the table of coverage in the \
             documentation of eightfold-scaling",
            different.len(),
            options.cluster.as_deref().unwrap_or_default()
        )?;
    }
    Ok(())
}

fn comparison_text(out: &mut String, comparison: &[Comparison]) -> std::fmt::Result {
    writeln!(out, "\n{:18}{:>14}{:>16}{:>12}", "law", "objective", "extrapolation", "AICc")?;
    for c in comparison {
        let or_none = |value: Option<f64>| value.map_or("-".into(), short);
        let (fit, beyond) = (c.fit.as_ref().ok(), c.extrapolation.as_ref().ok());
        let (fit, beyond) = (or_none(fit.copied()), or_none(beyond.copied()));
        writeln!(out, "{:18}{fit:>14}{beyond:>16}{:>12}", c.law, or_none(c.aicc))?;
    }
    Ok(())
}

fn ratio_text(out: &mut String, options: &Fit, ratios: &[GroupRatio]) -> std::fmt::Result {
    let baseline = options.baseline.as_deref().unwrap_or_default();
    let what = options.cost.as_deref().map_or("data".into(), |column| format!("`{column}`"));
    writeln!(out, "== how many times the {what} {baseline} needs for the same error")?;
    let level = format!("{:.0} %", 100.0 * options.level);
    let (law, free, t) = (
        format!("laws, percentile {level}"),
        format!("isotonic, percentile {level}"),
        format!("isotonic, t {level}"),
    );
    writeln!(out, "{:16}{:>18}  {law:26}{free:28}{t}", "group", "at")?;
    for ratio in ratios {
        let show = |ratio: &Result<Ratio, ScalingError>| match ratio {
            Ok(ratio) => ratio.to_string(),
            Err(error) => error.to_string(),
        };
        let (law, free, t) = (show(&ratio.law), show(&ratio.isotonic), show(&ratio.isotonic_t));
        writeln!(out, "{:16}{:>18}  {law:26}{free:28}{t}", ratio.group, place(ratio.at))?;
    }
    writeln!(out, "> and < are bounds: the baseline was not measured where it has that error")
}

fn difference_text(out: &mut String, options: &Fit, differences: &[GroupDifference]) -> std::fmt::Result {
    let baseline = options.baseline.as_deref().unwrap_or_default();
    writeln!(out, "\n== against {baseline} over common sizes, power laws, t over seeds")?;
    for (group, difference) in differences {
        match difference {
            Ok(d) => writeln!(
                out,
                "{group:16}  exponent {:+.4} [{:+.4}, {:+.4}]  ln error {:+.4} [{:+.4}, {:+.4}]  {}",
                d.exponent.mean,
                d.exponent.low,
                d.exponent.high,
                d.offset.mean,
                d.offset.low,
                d.offset.high,
                match d.verdict {
                    Verdict::Nothing => "no difference shown",
                    Verdict::Offset => "offset only",
                    Verdict::Exponent => "exponents differ: no single ratio",
                }
            )?,
            Err(error) => writeln!(out, "{group:16}  {error}")?,
        }
    }
    Ok(())
}

fn place(at: At) -> String {
    match at {
        At::Size(n) => format!("n {}", short(n)),
        At::Error(error) => format!("error {}", short(error)),
        At::Errors { low, high } => format!("error {}-{}", short(low), short(high)),
    }
}

/// One JSON object; with groups one for each under `groups`, and the ratios.
pub(crate) fn json(
    options: &Fit,
    groups: &[Group],
    ratios: &[GroupRatio],
    differences: &[GroupDifference],
) -> Value {
    if options.group.is_none() {
        return groups.first().map_or(Value::Null, group_json);
    }
    let all: Map<String, Value> =
        groups.iter().map(|group| (group.name.clone(), group_json(group))).collect();
    let differences = differences.iter().map(|(group, difference)| match difference {
        Ok(difference) => json!({ "group": group, "difference": difference }),
        Err(error) => json!({ "group": group, "none": error.to_string() }),
    });
    json!({
        "groups": all,
        "baseline": options.baseline,
        "ratios_of": options.cost.as_deref().unwrap_or("data"),
        "ratios": ratios.iter().map(ratio_json).collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
    })
}

fn group_json(group: &Group) -> Value {
    let fit = &group.fit;
    let names = || fit.law.params().iter().map(|param| param.name.to_owned());
    let params: Map<String, Value> = names().zip(fit.params.iter().map(|p| json!(p))).collect();
    // A tuple is a list of two; without an interval it is null.
    let intervals: Option<Map<String, Value>> =
        group.intervals.as_ref().map(|ends| names().zip(ends.iter().map(|ends| json!(ends))).collect());
    let bound: Vec<String> =
        names().zip(&fit.on_bound).filter(|(_, on)| **on).map(|(name, _)| name).collect();
    let extrapolation = match &group.extrapolation {
        Ok(e) => json!({ "error": e.error, "bias": e.bias, "held_out": e.held_out }),
        Err(error) => json!({ "none": error.to_string() }),
    };
    let comparison = group.comparison.iter().map(|c| {
        let (fit, beyond) = (c.fit.as_ref().ok(), c.extrapolation.as_ref().ok());
        json!({ "law": c.law, "objective": fit, "extrapolation": beyond, "aicc": c.aicc })
    });
    json!({
        "law": fit.law.name(),
        "params": params,
        "objective": fit.value,
        "intervals": intervals,
        "starts": fit.starts,
        "seconds": group.seconds,
        "points": fit.points,
        "condition": fit.condition,
        "weak": fit.weak(),
        "on_bound": bound,
        "extrapolation": extrapolation,
        "comparison": comparison.collect::<Vec<_>>(),
        "failed_resamples": group.resampled.as_ref().map(|r| r.failed()),
    })
}

fn ratio_json(ratio: &GroupRatio) -> Value {
    let show = |ratio: &Result<Ratio, ScalingError>| match ratio {
        Ok(ratio) => json!(ratio),
        Err(error) => json!({ "none": error.to_string() }),
    };
    let at = match ratio.at {
        At::Size(n) => json!({ "size": n }),
        At::Error(error) => json!({ "error": error }),
        At::Errors { low, high } => json!({ "errors": [low, high] }),
    };
    json!({
        "group": ratio.group,
        "at": at,
        "law": show(&ratio.law),
        "isotonic": show(&ratio.isotonic),
        "isotonic_t": show(&ratio.isotonic_t),
    })
}

fn objective(objective: Objective) -> String {
    match objective {
        Objective::Huber { delta } => format!("huber:{delta:e}"),
        Objective::LogSquares => "log-squares".into(),
        Objective::Squares => "squares".into(),
        Objective::QuasiBinomial { trials } => format!("binomial:{trials}"),
    }
}

/// Five digits.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    if !(1e-4..1e6).contains(&size) {
        return format!("{value:.4e}");
    }
    let digits = (4 - size.log10().floor() as i32).clamp(0, 8) as usize;
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn numbers_keep_five_digits() {
        let cases = [(0.34728, "0.34728"), (2143.0, "2143"), (1.5e9, "1.5000e9"), (0.0, "0"), (12.5, "12.5")];
        for (value, text) in cases {
            assert_eq!(short(value), text);
        }
        assert_eq!(short(f64::INFINITY), "inf");
    }
}
