//! The figure: points, fitted curves, bands and data ratios on log axes, as SVG.
//!
//! A law of several inputs is drawn as measured against fitted values. Colors are those of Okabe and Ito,
//! which stay apart under color blindness.

use super::Group;
use super::ratios::GroupRatio;
use super::report::short;
use eightfold_scaling::{At, Ratio};
use std::fmt::Write;

const COLORS: [&str; 7] = ["#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 480.0;
/// The drawing area: left, top, right, bottom.
const AREA: [f64; 4] = [72.0, 24.0, 560.0, 424.0];

/// Logarithmic axes over a range of data.
struct Axes {
    x: (f64, f64),
    y: (f64, f64),
}

impl Axes {
    /// The range of all values, with a margin of a twentieth.
    fn around(x: &[f64], y: &[f64]) -> Self {
        let range = |values: &[f64]| {
            let logs = values.iter().filter(|v| v.is_finite() && **v > 0.0).map(|v| v.ln());
            let (low, high) = logs.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
            let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
            let margin = (0.05 * (high - low)).max(0.05);
            (low - margin, high + margin)
        };
        Self { x: range(x), y: range(y) }
    }

    fn x(&self, value: f64) -> f64 {
        AREA[0] + (AREA[2] - AREA[0]) * (value.ln() - self.x.0) / (self.x.1 - self.x.0)
    }

    fn y(&self, value: f64) -> f64 {
        AREA[3] - (AREA[3] - AREA[1]) * (value.ln() - self.y.0) / (self.y.1 - self.y.0)
    }

    fn place(&self, (x, y): (f64, f64)) -> String {
        format!("{:.2},{:.2}", self.x(x), self.y(y))
    }
}

/// The whole figure.
pub(crate) fn draw(groups: &[Group], ratios: &[GroupRatio], y_label: &str) -> String {
    let one_input = groups.first().is_none_or(|group| group.fit.law.inputs().len() == 1);
    let (mut xs, mut ys) = (vec![], vec![]);
    for group in groups {
        for row in &group.rows {
            let fitted = group.fit.predict(&row.x);
            xs.push(if one_input { row.x[0] } else { fitted });
            ys.extend([row.y, fitted]);
        }
    }
    let axes = Axes::around(&xs, &ys);
    let mut out = String::new();
    let x_label = match groups.first() {
        Some(group) if one_input => group.fit.law.inputs()[0].to_owned(),
        _ => format!("fitted {y_label}"),
    };
    // Writing to a string does not fail.
    let _ = frame(&mut out, &axes, &x_label, y_label);
    for (i, group) in groups.iter().enumerate() {
        let color = COLORS[i % COLORS.len()];
        let _ =
            if one_input { curve(&mut out, &axes, group, color) } else { diagonal(&mut out, &axes, color) };
        let _ = points(&mut out, &axes, group, color, one_input);
        let _ = legend(&mut out, i, group, color);
    }
    for (i, group) in groups.iter().enumerate() {
        for ratio in telling(ratios, &group.name) {
            let _ = arrow(&mut out, &axes, group, ratio, COLORS[i % COLORS.len()]);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn frame(out: &mut String, axes: &Axes, x_label: &str, y_label: &str) -> std::fmt::Result {
    let [left, top, right, bottom] = AREA;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <clipPath id=\"area\"><rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\"/></clipPath>",
        right - left,
        bottom - top
    )?;
    grid(out, axes)?;
    let (middle, center) = (0.5 * (left + right), 0.5 * (top + bottom));
    let (x_label, y_label) = (escape(x_label), escape(y_label));
    writeln!(
        out,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#888888\"/>\n\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{x_label}</text>\n\
         <text transform=\"translate(18,{center})rotate(-90)\" text-anchor=\"middle\">{y_label}</text>",
        right - left,
        bottom - top,
        bottom + 42.0
    )
}

/// Lines and numbers at round values.
fn grid(out: &mut String, axes: &Axes) -> std::fmt::Result {
    let [left, top, right, bottom] = AREA;
    for value in ticks(axes.x) {
        let x = axes.x(value);
        writeln!(out, "<path d=\"M{x:.2},{top}V{bottom}\" stroke=\"#e5e5e5\"/>")?;
        writeln!(
            out,
            "<text x=\"{x:.2}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            bottom + 18.0,
            short(value)
        )?;
    }
    for value in ticks(axes.y) {
        let y = axes.y(value);
        writeln!(out, "<path d=\"M{left},{y:.2}H{right}\" stroke=\"#e5e5e5\"/>")?;
        writeln!(
            out,
            "<text x=\"{}\" y=\"{:.2}\" text-anchor=\"end\">{}</text>",
            left - 8.0,
            y + 4.0,
            short(value)
        )?;
    }
    Ok(())
}

/// Round numbers in a range of logarithms: powers of ten, with 2 and 5 where there is room, or even steps
/// where the range is short.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let decades = (high - low) / std::f64::consts::LN_10;
    if decades < 0.7 {
        let (from, to) = (low.exp(), high.exp());
        let rough = (to - from) / 5.0;
        let unit = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= rough).unwrap_or(unit);
        let (first, last) = ((from / step).ceil() as i64, (to / step).floor() as i64);
        return (first..=last).map(|i| i as f64 * step).collect();
    }
    let digits: &[f64] = if decades < 3.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let powers =
        (low / std::f64::consts::LN_10).floor() as i32..=(high / std::f64::consts::LN_10).ceil() as i32;
    let all = powers.flat_map(|power| digits.iter().map(move |digit| digit * 10f64.powi(power)));
    all.filter(|value| (low..=high).contains(&value.ln())).collect()
}

/// The fitted curve over the group's sizes, and its band.
fn curve(out: &mut String, axes: &Axes, group: &Group, color: &str) -> std::fmt::Result {
    let sizes = group.rows.iter().map(|row| row.x[0]);
    let (low, high) = sizes.fold((f64::INFINITY, 0.0f64), |(l, h), n| (l.min(n), h.max(n)));
    let grid: Vec<f64> = (0..=60).map(|i| low * (high / low).powf(f64::from(i) / 60.0)).collect();
    if let Some(resampled) = &group.resampled {
        let band = resampled.band(&grid);
        let lower = grid.iter().zip(&band).map(|(n, i)| (*n, i.low));
        let upper = grid.iter().zip(&band).rev().map(|(n, i)| (*n, i.high));
        let corners: Vec<String> =
            lower.chain(upper).filter(|p| p.1.is_finite() && p.1 > 0.0).map(|p| axes.place(p)).collect();
        writeln!(
            out,
            "<polygon clip-path=\"url(#area)\" points=\"{}\" fill=\"{color}\" fill-opacity=\"0.15\"/>",
            corners.join(" ")
        )?;
    }
    let line: Vec<String> = grid.iter().map(|n| axes.place((*n, group.fit.predict(&[*n])))).collect();
    writeln!(
        out,
        "<polyline clip-path=\"url(#area)\" points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>",
        line.join(" ")
    )
}

/// Where measured and fitted value are the same.
fn diagonal(out: &mut String, axes: &Axes, color: &str) -> std::fmt::Result {
    let (low, high) = (axes.x.0.max(axes.y.0).exp(), axes.x.1.min(axes.y.1).exp());
    let (from, to) = (axes.place((low, low)), axes.place((high, high)));
    writeln!(out, "<path d=\"M{from}L{to}\" stroke=\"{color}\" stroke-opacity=\"0.4\"/>")
}

fn points(out: &mut String, axes: &Axes, group: &Group, color: &str, one_input: bool) -> std::fmt::Result {
    for row in group.rows.iter().filter(|row| row.y > 0.0) {
        let x = if one_input { row.x[0] } else { group.fit.predict(&row.x) };
        let (x, y) = (axes.x(x), axes.y(row.y));
        writeln!(out, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"3\" fill=\"{color}\" fill-opacity=\"0.6\"/>")?;
    }
    Ok(())
}

fn legend(out: &mut String, i: usize, group: &Group, color: &str) -> std::fmt::Result {
    let y = AREA[1] + 12.0 + 34.0 * i as f64;
    let x = AREA[2] + 12.0;
    let params = group.fit.law.params().iter().zip(&group.fit.params);
    let params: Vec<String> =
        params.map(|(param, value)| format!("{} {}", param.name, short(*value))).collect();
    let name = if group.name.is_empty() { group.fit.law.formula() } else { group.name.as_str() };
    writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" fill=\"{color}\" font-weight=\"bold\">{}</text>\n\
         <text x=\"{x}\" y=\"{}\" font-size=\"10\">{}</text>",
        escape(name),
        y + 13.0,
        params.join(", ")
    )
}

/// The ratios to draw for a group: at the largest size where it was measured on both sides, and where it is
/// a bound, at the size where that says most.
fn telling<'a>(ratios: &'a [GroupRatio], group: &str) -> impl Iterator<Item = &'a GroupRatio> {
    let own = || ratios.iter().filter(|r| r.group == group && matches!(r.at, At::Size(_)));
    let bound = |r: &GroupRatio| match r.law {
        Ok(Ratio::AtLeast { bound, .. }) => bound.ln(),
        Ok(Ratio::AtMost { bound, .. }) => -bound.ln(),
        _ => f64::NEG_INFINITY,
    };
    let measured = own().rfind(|r| matches!(r.law, Ok(Ratio::Value { .. })));
    let bounds = own().filter(|r| bound(r).is_finite()).max_by(|a, b| bound(a).total_cmp(&bound(b)));
    measured.into_iter().chain(bounds)
}

/// From the method's curve to the baseline's at one error; dashed and with an open end where it is a bound.
fn arrow(out: &mut String, axes: &Axes, group: &Group, ratio: &GroupRatio, color: &str) -> std::fmt::Result {
    let (At::Size(n), Ok(known)) = (ratio.at, &ratio.law) else { return Ok(()) };
    let (times, label, dash) = match *known {
        Ratio::Value { estimate, .. } => (estimate, format!("{estimate:.1}x"), ""),
        Ratio::AtLeast { bound, .. } => (bound, format!("&gt; {bound:.1}x"), " stroke-dasharray=\"4 3\""),
        Ratio::AtMost { bound, .. } => (bound, format!("&lt; {bound:.1}x"), " stroke-dasharray=\"4 3\""),
        Ratio::Undetermined => return Ok(()),
    };
    let error = group.fit.predict(&[n]);
    let (from, to, y) = (axes.x(n), axes.x(n * times), axes.y(error));
    let head = 5.0f64.copysign(to - from);
    writeln!(
        out,
        "<path d=\"M{from:.2},{y:.2}H{to:.2}m{:.2},-4l{head:.2},4l{:.2},4\" fill=\"none\" stroke=\"{color}\"{dash}/>\n\
         <text x=\"{:.2}\" y=\"{:.2}\" text-anchor=\"middle\" fill=\"{color}\">{label}</text>",
        -head,
        -head,
        0.5 * (from + to),
        y - 6.0
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let at = |low: f64, high: f64| ticks((low.ln(), high.ln()));
        let close = |found: Vec<f64>, expected: &[f64]| {
            assert_eq!(found.len(), expected.len(), "{found:?}");
            assert!(found.iter().zip(expected).all(|(a, b)| (a / b - 1.0).abs() < 1e-9), "{found:?}");
        };
        close(at(0.09, 1.1), &[0.1, 0.2, 0.5, 1.0]);
        close(at(50.0, 1.5e9), &[1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]);
        close(at(1.9, 3.1), &[2.0, 2.5, 3.0]);
    }

    #[test]
    fn names_do_not_break_the_file() {
        assert_eq!(escape("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
    }
}
