//! Data ratios of all groups against the baseline.

use super::{Fit, Group};
use anyhow::{Context, bail};
use eightfold_scaling::{
    At, Bootstrap, Curve, Difference, Law, Ratio, Reading, Run, ScalingError, data_multiplier,
    data_multiplier_t, difference,
};

/// The data ratio of one group in one place, read in three ways.
pub(crate) struct GroupRatio {
    pub(crate) group: String,
    pub(crate) at: At,
    /// Fitted laws, percentile interval over seeds.
    pub(crate) law: Result<Ratio, ScalingError>,
    /// Isotonic means, percentile interval over seeds.
    pub(crate) isotonic: Result<Ratio, ScalingError>,
    /// Isotonic means, t interval over the seeds' own ratios.
    pub(crate) isotonic_t: Result<Ratio, ScalingError>,
}

/// Ratios at each size asked for, or at each size of the method, and over the declared range of error.
pub(crate) fn ratios(
    options: &Fit,
    law: &'static dyn Law,
    groups: &[Group],
) -> anyhow::Result<Vec<GroupRatio>> {
    let Some(baseline) = baseline(options, groups)? else { return Ok(vec![]) };
    if law.inputs().len() != 1 {
        bail!("data ratios need a law of one input; `{}` has {}", law.name(), law.inputs().join(","));
    }
    if options.cluster.is_none() {
        bail!("data ratios are paired by seed: name its column by --cluster");
    }
    let range = range(&options.errors)?;
    let lower = priced(baseline)?;
    let settings = Bootstrap { resamples: options.bootstrap.max(1), ..options.settings() };
    let reading = Reading::Law { law, objective: options.objective };
    let mut all = vec![];
    for group in groups.iter().filter(|group| group.name != baseline.name) {
        let upper = priced(group)?;
        let sizes = if options.at.is_empty() { upper.sizes() } else { options.at.clone() };
        for at in sizes.into_iter().map(At::Size).chain(range) {
            let read = |reading: &Reading| data_multiplier(&lower, &upper, reading, at, &settings);
            all.push(GroupRatio {
                group: group.name.clone(),
                at,
                law: read(&reading).map(|m| m.ratio),
                isotonic: read(&Reading::Isotonic).map(|m| m.ratio),
                isotonic_t: data_multiplier_t(&lower, &upper, &Reading::Isotonic, at, options.level),
            });
        }
    }
    Ok(all)
}

fn baseline<'a>(options: &Fit, groups: &'a [Group]) -> anyhow::Result<Option<&'a Group>> {
    let Some(name) = &options.baseline else { return Ok(None) };
    let found = groups.iter().find(|group| group.name == *name).with_context(|| {
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        format!("--baseline {name}: no such group; there are {}", names.join(", "))
    })?;
    Ok(Some(found))
}

/// Whether each group differs from the baseline in exponent or in offset only, by name.
pub(crate) fn differences(options: &Fit, groups: &[Group]) -> anyhow::Result<Vec<GroupDifference>> {
    let Some(baseline) = baseline(options, groups)? else { return Ok(vec![]) };
    let lower = curve(baseline)?;
    let mut all = vec![];
    for group in groups.iter().filter(|group| group.name != baseline.name) {
        let difference = difference(&lower, &curve(group)?, options.objective, options.level);
        all.push((group.name.clone(), difference));
    }
    Ok(all)
}

/// A group's name and how it differs.
pub(crate) type GroupDifference = (String, Result<Difference, ScalingError>);

fn range(errors: &[f64]) -> anyhow::Result<Option<At>> {
    match *errors {
        [] => Ok(None),
        [low, high] => Ok(Some(At::Errors { low, high })),
        _ => bail!("--errors takes two numbers, LOW,HIGH"),
    }
}

/// The group's runs; its errors are above 0 already, or the fit would have refused them.
fn curve(group: &Group) -> anyhow::Result<Curve> {
    let seeds = group.clusters.as_deref().unwrap_or(&[]);
    let runs: Vec<Run> =
        group.rows.iter().zip(seeds).map(|(row, &seed)| Run { n: row.x[0], seed, error: row.y }).collect();
    let at_line = |error: ScalingError| match error.row() {
        Some(row) => anyhow::Error::new(error).context(format!("line {}", group.lines[row])),
        None => error.into(),
    };
    Curve::new(&runs, f64::MIN_POSITIVE).map_err(at_line)
}

/// The group's runs against what they cost, where a column says so, else against their size.
fn priced(group: &Group) -> anyhow::Result<Curve> {
    let curve = curve(group)?;
    let Some(costs) = &group.costs else { return Ok(curve) };
    let (rows, seeds) = (&group.rows, group.clusters.as_deref().unwrap_or(&[]));
    let cost = |run: &Run| {
        let place = rows.iter().zip(seeds).position(|(row, seed)| row.x[0] == run.n && *seed == run.seed);
        place.map_or(f64::NAN, |i| costs[i])
    };
    Ok(curve.against_cost(cost)?)
}
