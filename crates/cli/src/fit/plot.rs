//! The figure: points, fitted curves, bands and data ratios on log axes, as SVG.
//!
//! A law of several inputs is drawn as measured against fitted values.

use super::Group;
use super::ratios::GroupRatio;
use super::report::short;
use anyhow::Result;
use eightfold_plot::{Axis, Chart, Color, Legend, Marker, Panel, Scale, Series};
use eightfold_scaling::{At, Ratio};

/// The whole figure.
///
/// # Errors
/// If a name has a letter that the font lacks.
pub(crate) fn draw(groups: &[Group], ratios: &[GroupRatio], y_label: &str) -> Result<String> {
    let one_input = groups.first().is_none_or(|group| group.fit.law.inputs().len() == 1);
    let x_label = match groups.first() {
        Some(group) if one_input => group.fit.law.inputs()[0].to_owned(),
        _ => format!("fitted {y_label}"),
    };
    let look = |at: usize| (Color::ALL[at % Color::ALL.len()], Marker::ALL[at % Marker::ALL.len()]);
    let mut series: Vec<Series> =
        groups.iter().enumerate().map(|(at, group)| drawn(group, look(at), one_input)).collect();
    if !one_input {
        series.push(diagonal(groups));
    }
    let arrows = groups.iter().enumerate().flat_map(|(at, group)| {
        telling(ratios, &group.name).filter_map(move |ratio| arrow(group, ratio, look(at).0))
    });
    let axis = |label: String| Axis { label, scale: Scale::Log10, range: None };
    let panel = Panel {
        x: axis(x_label),
        y: axis(y_label.to_owned()),
        ratios: arrows.collect(),
        series,
        ..Panel::default()
    };
    let chart =
        Chart { panels: vec![panel], legend: Legend::Right, panel_size: (480.0, 380.0), ..Chart::default() };
    Ok(chart.scene()?.svg())
}

/// A group's points, its fitted curve over its sizes, and the curve's band.
fn drawn(group: &Group, (color, marker): (Color, Marker), one_input: bool) -> Series {
    let params = group.fit.law.params().iter().zip(&group.fit.params);
    let params: Vec<String> =
        params.map(|(param, value)| format!("{} {}", param.name, short(*value))).collect();
    let name = if group.name.is_empty() { group.fit.law.formula() } else { group.name.as_str() };
    let x = |row: &super::Row| if one_input { row.x[0] } else { group.fit.predict(&row.x) };
    let rows = group.rows.iter().filter(|row| row.y > 0.0 && x(row) > 0.0);
    let mut series = Series {
        name: format!("{name}: {}", params.join(", ")),
        color,
        marker,
        samples: rows.map(|row| (x(row), row.y)).collect(),
        ..Series::default()
    };
    if one_input {
        let sizes = group.rows.iter().map(|row| row.x[0]);
        let (low, high) = sizes.fold((f64::INFINITY, 0.0f64), |(l, h), n| (l.min(n), h.max(n)));
        let grid: Vec<f64> = (0..=60).map(|i| low * (high / low).powf(f64::from(i) / 60.0)).collect();
        series.curve = grid.iter().map(|n| (*n, group.fit.predict(&[*n]))).collect();
        if let Some(resampled) = &group.resampled {
            let band = grid.iter().zip(resampled.band(&grid)).map(|(n, i)| (*n, i.low, i.high));
            series.band = band.filter(|(_, low, high)| *low > 0.0 && high.is_finite()).collect();
        }
    }
    series
}

/// Where measured and fitted value are the same.
fn diagonal(groups: &[Group]) -> Series {
    let values = groups.iter().flat_map(|group| group.rows.iter().map(|row| row.y)).filter(|y| *y > 0.0);
    let (low, high) = values.fold((f64::INFINITY, 0.0f64), |(l, h), y| (l.min(y), h.max(y)));
    Series {
        name: "measured = fitted".into(),
        color: Color::Gray,
        secondary: true,
        curve: vec![(low, low), (high, high)],
        ..Series::default()
    }
}

/// The ratios to draw for a group: at the largest size where it was measured on both sides, and where it is
/// a bound, at the size where that says most.
fn telling<'a>(ratios: &'a [GroupRatio], group: &str) -> impl Iterator<Item = &'a GroupRatio> {
    let own = || ratios.iter().filter(|r| r.group == group && matches!(r.at, At::Size(_)));
    let bound = |r: &GroupRatio| match r.law {
        Ok(Ratio::AtLeast { bound, .. }) => bound.ln(),
        Ok(Ratio::AtMost { bound, .. }) => -bound.ln(),
        Ok(Ratio::Value { .. } | Ratio::Undetermined) | Err(_) => f64::NEG_INFINITY,
    };
    let measured = own().rfind(|r| matches!(r.law, Ok(Ratio::Value { .. })));
    let bounds = own().filter(|r| bound(r).is_finite()).max_by(|a, b| bound(a).total_cmp(&bound(b)));
    measured.into_iter().chain(bounds)
}

/// From the method's curve to the baseline's at one error.
fn arrow(group: &Group, ratio: &GroupRatio, color: Color) -> Option<eightfold_plot::Ratio> {
    let (At::Size(from), Ok(known)) = (ratio.at, &ratio.law) else { return None };
    let (times, text, bound) = match *known {
        Ratio::Value { estimate, .. } => (estimate, format!("{estimate:.1}x"), false),
        Ratio::AtLeast { bound, .. } => (bound, format!("> {bound:.1}x"), true),
        Ratio::AtMost { bound, .. } => (bound, format!("< {bound:.1}x"), true),
        Ratio::Undetermined => return None,
    };
    let (to, y) = (from * times, group.fit.predict(&[from]));
    Some(eightfold_plot::Ratio { from, to, y, text, color, bound })
}
