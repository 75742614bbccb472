//! Axes: from values to places, and where the ticks stand.

/// How values are spread over an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By logarithm, ticks at 1, 2 and 5 times powers of ten (more or fewer as the range asks).
    Log10,
    /// By logarithm, ticks at powers of two: 64, 128, 256.
    Log2,
    /// Evenly, with one named tick at each of 0, 1, 2 and so on: kinds and not amounts. All names are shown; that
    /// they fit is the figure's affair.
    Names(&'static [&'static str]),
}

/// One axis of a panel.
///
/// On a logarithmic axis a vertical value of zero or less has no place. Such a mean or sample, like any that
/// lies beyond a given range, is drawn as an open mark on the panel's edge, and the figure says so in its
/// small print; curves, bands and intervals run off the panel. A horizontal value of zero or less on a
/// logarithmic axis is an error; what lies beyond a given horizontal range is not drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// What is measured, with its unit.
    pub label: String,
    /// How it is spread.
    pub scale: Scale,
    /// Lower and upper end; `None` fits them to samples, means, fitted curves and ratios.
    pub range: Option<(f64, f64)>,
}

/// An axis that knows its range and its pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    scale: Scale,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

/// A value on the axis with its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

impl Span {
    /// The axis from `range` (already checked) drawn from `start` to `end`.
    pub(super) fn new(scale: Scale, range: (f64, f64), start: f64, end: f64) -> Self {
        Self { scale, low: scale.spread(range.0), high: scale.spread(range.1), start, end }
    }

    /// Where `value` stands. Values far outside, and those without a logarithm, land a panel's size off
    /// the panel, so that lines to them still leave it in the right direction.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = (self.scale.spread(value) - self.low) / (self.high - self.low);
        self.start + share.clamp(-1.0, 2.0) * (self.end - self.start)
    }

    /// Whether `value` lies below the axis's lower end, by more than rounding.
    pub(super) fn below(&self, value: f64) -> bool {
        self.scale.spread(value) < self.low - 1e-9 * (self.high - self.low)
    }

    /// Whether `value` lies above the axis's upper end, by more than rounding.
    pub(super) fn above(&self, value: f64) -> bool {
        self.scale.spread(value) > self.high + 1e-9 * (self.high - self.low)
    }

    /// Ticks that fit, where `room` is the length that a label needs along the axis.
    pub(super) fn ticks(&self, room: &dyn Fn(&str) -> f64) -> Vec<Tick> {
        let all: Vec<Vec<f64>> = match self.scale {
            Scale::Names(names) => {
                let tick = |(i, name): (usize, &&str)| Tick { value: i as f64, label: (*name).to_owned() };
                return names.iter().enumerate().map(tick).collect();
            }
            Scale::Linear => self.linear_choices(),
            Scale::Log10 => self.decimal_choices(),
            Scale::Log2 => self.binary_choices(),
        };
        let tick =
            |value: &f64, values: &[f64]| Tick { value: *value, label: name(*value, self.scale, values) };
        let named = all.iter().map(|values| values.iter().map(|v| tick(v, values)).collect::<Vec<_>>());
        let mut last = Vec::new();
        for ticks in named {
            if self.fits(&ticks, room) {
                return ticks;
            }
            last = ticks;
        }
        last.truncate(1);
        last
    }

    /// Unnamed ticks between the named ones: every multiple of a power of ten on a decimal log axis.
    pub(super) fn minor(&self) -> Vec<f64> {
        if self.scale != Scale::Log10 || self.high - self.low > 8.0 {
            return Vec::new();
        }
        self.multiples(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])
    }

    fn fits(&self, ticks: &[Tick], room: &dyn Fn(&str) -> f64) -> bool {
        ticks.windows(2).all(|pair| {
            let apart = (self.place(pair[1].value) - self.place(pair[0].value)).abs();
            apart >= (room(&pair[0].label) + room(&pair[1].label)) / 2.0
        })
    }

    fn inside(&self, value: f64) -> bool {
        let (spread, slack) = (self.scale.spread(value), 1e-9 * (self.high - self.low));
        spread >= self.low - slack && spread <= self.high + slack
    }

    /// From fine to coarse: steps of 1, 2, 2.5 and 5 times a power of ten, at most eight ticks.
    fn linear_choices(&self) -> Vec<Vec<f64>> {
        let width = self.high - self.low;
        let decade = 10f64.powf((width / 8.0).log10().floor());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0].map(|step| step * decade);
        let ticks = |step: f64| {
            let first = (self.low / step - 1e-9).ceil() as i64;
            let last = (self.high / step + 1e-9).floor() as i64;
            // Adding 0 turns a negative zero into zero.
            (first..=last).map(|k| k as f64 * step + 0.0).collect::<Vec<_>>()
        };
        steps.into_iter().map(ticks).filter(|t| t.len() <= 8 && t.len() >= 2).collect()
    }

    fn decimal_choices(&self) -> Vec<Vec<f64>> {
        let mantissas: [&[f64]; 4] =
            [&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0], &[1.0, 2.0, 3.0, 5.0, 7.0], &[1.0, 2.0, 5.0], &[1.0]];
        let fine = mantissas.into_iter().map(|m| self.multiples(m)).filter(|t| t.len() <= 9);
        let coarse = (2..=20).map(|every| {
            self.multiples(&[1.0]).into_iter().filter(|v| v.log10().round() as i64 % every == 0).collect()
        });
        let choices: Vec<_> = fine.chain(coarse).filter(|t: &Vec<f64>| t.len() >= 2).collect();
        // A range too narrow for any round multiple is nearly straight: ticks as on a linear axis.
        if choices.is_empty() { self.straight().linear_choices() } else { choices }
    }

    fn binary_choices(&self) -> Vec<Vec<f64>> {
        let two = std::f64::consts::LOG10_2;
        let (first, last) = ((self.low / two - 1e-9).ceil() as i64, (self.high / two + 1e-9).floor() as i64);
        let power = |every: i64| {
            (first..=last).filter(|k| k % every == 0).map(|k| 2f64.powi(k as i32)).collect::<Vec<_>>()
        };
        let choices: Vec<_> = (1..=8).map(power).filter(|t| t.len() >= 2).collect();
        if choices.is_empty() { self.decimal_choices() } else { choices }
    }

    fn multiples(&self, mantissas: &[f64]) -> Vec<f64> {
        let decades = (self.low.floor() as i32)..=(self.high.floor() as i32);
        let values = decades.flat_map(|d| mantissas.iter().map(move |m| format!("{m}e{d}")));
        // Parsing gives the double nearest to the decimal number; multiplying would not.
        values.filter_map(|text| text.parse().ok()).filter(|v| self.inside(*v)).collect()
    }

    fn straight(&self) -> Self {
        Self { scale: Scale::Linear, low: 10f64.powf(self.low), high: 10f64.powf(self.high), ..*self }
    }
}

impl Scale {
    /// The quantity that is spread evenly. Both logarithmic scales use base ten here; they differ in ticks.
    fn spread(self, value: f64) -> f64 {
        match self {
            Self::Linear | Self::Names(_) => value,
            _ if value > 0.0 => value.log10(),
            _ => f64::NEG_INFINITY,
        }
    }

    /// Whether zero has no place on it.
    pub(super) fn is_log(self) -> bool {
        matches!(self, Self::Log10 | Self::Log2)
    }

    /// A range around `values` with a margin of `margin` of its width; `None` if there is no usable value.
    pub(super) fn around(self, values: &[f64], margin: f64) -> Option<(f64, f64)> {
        if let Self::Names(names) = self {
            return Some((-0.5, names.len() as f64 - 0.5));
        }
        let spread: Vec<f64> = values.iter().map(|v| self.spread(*v)).filter(|s| s.is_finite()).collect();
        let low = spread.iter().copied().reduce(f64::min)?;
        let high = spread.iter().copied().reduce(f64::max)?;
        // One value alone still needs a width: a factor of two, or a unit.
        let least = if self.is_log() { 0.3 } else { 1.0 };
        let pad = if high - low < 1e-12 { least } else { margin * (high - low) };
        // A linear axis of counts or shares starts at zero where that costs little room.
        let zero = self == Self::Linear && low >= 0.0 && low < 0.4 * high;
        let back = |s: f64| if self.is_log() { 10f64.powf(s) } else { s };
        Some((if zero { 0.0 } else { back(low - pad) }, back(high + pad)))
    }
}

/// Decimal digits enough to tell the ticks apart, no trailing dust.
fn name(value: f64, scale: Scale, ticks: &[f64]) -> String {
    if value != 0.0 && !(1e-4..1e7).contains(&value.abs()) {
        return format!("{value:e}");
    }
    let apart = match (scale, ticks) {
        (Scale::Linear, [first, second, ..]) => (second - first).abs(),
        _ => value.abs(),
    };
    let digits = (0..=8).find(|d| {
        let scaled = apart * 10f64.powi(*d);
        scaled > 0.99 && (scaled - scaled.round()).abs() < 1e-6
    });
    format!("{value:.*}", digits.unwrap_or(8) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(scale: Scale, range: (f64, f64), pixels: f64) -> Vec<String> {
        let room = |label: &str| 7.0 * label.len() as f64 + 6.0;
        Span::new(scale, range, 0.0, pixels).ticks(&room).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn problem_counts_get_powers_of_two() {
        assert_eq!(labels(Scale::Log2, (50.0, 1400.0), 330.0), ["64", "128", "256", "512", "1024"]);
        assert_eq!(labels(Scale::Log2, (50.0, 40000.0), 200.0), ["64", "256", "1024", "4096", "16384"]);
    }

    #[test]
    fn errors_get_round_decimals() {
        assert_eq!(labels(Scale::Log10, (0.04, 0.9), 250.0), ["0.05", "0.1", "0.2", "0.5"]);
        assert_eq!(labels(Scale::Log10, (0.001, 1.0), 250.0), ["0.001", "0.01", "0.1", "1"]);
        assert_eq!(labels(Scale::Linear, (0.0, 0.8), 400.0), ["0.0", "0.2", "0.4", "0.6", "0.8"]);
        assert_eq!(labels(Scale::Linear, (-5.0, 15.0), 400.0), ["-5", "0", "5", "10", "15"]);
    }

    #[test]
    fn kinds_get_their_names() {
        let scale = Scale::Names(&["critical", "side"]);
        let range = scale.around(&[0.0, 1.2], 0.05).unwrap();
        assert_eq!(range, (-0.5, 1.5));
        assert_eq!(labels(scale, range, 20.0), ["critical", "side"]);
        assert!(!scale.is_log());
    }

    #[test]
    fn a_narrow_log_range_still_has_ticks() {
        assert!(labels(Scale::Log10, (0.501, 0.549), 300.0).len() >= 2);
        assert!(labels(Scale::Log2, (300.0, 310.0), 300.0).len() >= 2);
    }

    #[test]
    fn one_value_alone_gets_a_range_around_it() {
        let (low, high) = Scale::Log10.around(&[0.2], 0.05).unwrap();
        assert!(low < 0.2 && 0.2 < high);
        assert_eq!(Scale::Log10.around(&[0.0, -1.0], 0.05), None);
        assert_eq!(Scale::Linear.around(&[], 0.05), None);
    }

    proptest! {
        #[test]
        fn ticks_rise_lie_inside_and_do_not_touch(
            low in 1e-3f64..1e4, factor in 1.01f64..1e5, pixels in 40.0f64..900.0, which in 0usize..3,
        ) {
            let scale = [Scale::Linear, Scale::Log10, Scale::Log2][which];
            let span = Span::new(scale, (low, low * factor), 0.0, pixels);
            let room = |label: &str| 7.0 * label.len() as f64 + 6.0;
            let ticks = span.ticks(&room);
            for tick in &ticks {
                prop_assert!(tick.value >= low * (1.0 - 1e-6) && tick.value <= low * factor * (1.0 + 1e-6));
            }
            for pair in ticks.windows(2) {
                prop_assert!(pair[0].value < pair[1].value);
                prop_assert!(pair[0].label != pair[1].label);
                let apart = span.place(pair[1].value) - span.place(pair[0].value);
                prop_assert!(apart >= (room(&pair[0].label) + room(&pair[1].label)) / 2.0 - 1e-9);
            }
        }

        #[test]
        fn labels_say_their_value(low in 1e-3f64..1e4, factor in 1.2f64..1e4, which in 0usize..3) {
            let scale = [Scale::Linear, Scale::Log10, Scale::Log2][which];
            for tick in Span::new(scale, (low, low * factor), 0.0, 400.0).ticks(&|_| 20.0) {
                let read: f64 = tick.label.parse().unwrap();
                prop_assert!((read - tick.value).abs() <= 1e-6 * tick.value.abs() + 1e-9, "{tick:?}");
            }
        }
    }
}
