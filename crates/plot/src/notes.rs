//! What a mark says of itself: its series, place and value, for who points at it.

use super::axis::{Axis, Scale};
use super::chart::{Bar, Estimate, Panel, Series};

/// Of a mean: with its interval, where it has one.
pub(super) fn mean(panel: &Panel, series: &Series, mean: &Estimate) -> String {
    let text = value(panel, series, mean.x, mean.y);
    if mean.low == mean.y && mean.high == mean.y {
        return text;
    }
    format!("{text} [{}, {}]", number(mean.low), number(mean.high))
}

/// Of a raw point.
pub(super) fn sample(panel: &Panel, series: &Series, (x, y): (f64, f64)) -> String {
    format!("{} (one of several)", value(panel, series, x, y))
}

/// Of a bar.
pub(super) fn bar(panel: &Panel, series: &Series, bar: &Bar) -> String {
    value(panel, series, 0.5 * (bar.from + bar.to), bar.y)
}

fn value(panel: &Panel, series: &Series, x: f64, y: f64) -> String {
    let label = |axis: &Axis, otherwise: &str| {
        if axis.label.is_empty() { otherwise.to_owned() } else { axis.label.clone() }
    };
    let place = match panel.x.scale {
        Scale::Names(names) if x >= -0.5 => names.get(x.round() as usize).map(|name| (*name).to_owned()),
        _ => None,
    };
    let place = place.unwrap_or_else(|| format!("{} {}", label(&panel.x, "x"), number(x)));
    format!("{}, {place}: {} {}", series.name, label(&panel.y, "value"), number(y))
}

/// Four digits, or a whole number.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    if value.fract() == 0.0 && value.abs() < 1e12 {
        return format!("{value:.0}");
    }
    let before = value.abs().log10().floor();
    let text = format!("{value:.*}", (3.0 - before).clamp(0.0, 8.0) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_series_place_and_value() {
        let axis = |label: &str, scale| Axis { label: label.into(), scale, range: None };
        let panel =
            Panel { x: axis("problems", Scale::Log2), y: axis("error", Scale::Log10), ..Panel::default() };
        let series = Series { name: "SFT".into(), ..Series::default() };
        let point = Estimate { x: 64.0, y: 0.56666, low: 0.5, high: f64::INFINITY };
        assert_eq!(mean(&panel, &series, &point), "SFT, problems 64: error 0.5667 [0.5, inf]");
        let alone = Estimate { low: 0.25, high: 0.25, y: 0.25, ..point };
        assert_eq!(mean(&panel, &series, &alone), "SFT, problems 64: error 0.25");
        let named = Panel { x: axis("source", Scale::Names(&["teacher", "self"])), ..panel };
        assert_eq!(sample(&named, &series, (1.1, 30.0)), "SFT, self: error 30 (one of several)");
    }

    #[test]
    fn numbers_keep_four_digits() {
        assert_eq!(
            [0.0, 4096.0, 0.00012346, -1.25, 123456.7].map(number),
            ["0", "4096", "0.0001235", "-1.25", "123457"]
        );
    }
}
