//! What a chart must satisfy before it is laid out.

use super::axis::Axis;
use super::chart::{Chart, Panel, PlotError, Series};

/// Every coordinate has a place, every given range is one.
pub(super) fn check(chart: &Chart) -> Result<(), PlotError> {
    for (index, panel) in chart.panels.iter().enumerate() {
        range(index, "x", &panel.x)?;
        range(index, "y", &panel.y)?;
        for series in &panel.series {
            Place { panel: index, name: &series.name, log: panel.x.scale.is_log() }.series(series)?;
        }
        notes(index, panel)?;
    }
    Ok(())
}

fn range(panel: usize, axis: &'static str, given: &Axis) -> Result<(), PlotError> {
    let Some((low, high)) = given.range else { return Ok(()) };
    let positive = !given.scale.is_log() || low > 0.0;
    if low.is_finite() && high.is_finite() && low < high && positive {
        return Ok(());
    }
    Err(PlotError::Range { panel, axis, low, high })
}

fn notes(panel: usize, content: &Panel) -> Result<(), PlotError> {
    let log = content.x.scale.is_log();
    for ratio in &content.ratios {
        let place = Place { panel, name: &ratio.text, log };
        place.x("ratio", ratio.from)?;
        place.x("ratio", ratio.to)?;
        place.finite("ratio", ratio.y)?;
    }
    for tile in &content.tiles {
        let place = Place { panel, name: tile.lines.first().map_or("", String::as_str), log };
        for (x, y) in [(tile.x.0, tile.y.0), (tile.x.1, tile.y.1)] {
            place.x("tile", x)?;
            place.finite("tile", y)?;
        }
    }
    for level in &content.levels {
        Place { panel, name: &level.text, log }.finite("level", level.y)?;
    }
    Ok(())
}

/// Whose coordinates are looked at, and whether x needs a logarithm.
struct Place<'a> {
    panel: usize,
    name: &'a str,
    log: bool,
}

impl Place<'_> {
    fn series(&self, series: &Series) -> Result<(), PlotError> {
        for (part, points) in
            [("samples", &series.samples), ("curve", &series.curve), ("theory", &series.theory)]
        {
            for (x, y) in points {
                self.x(part, *x)?;
                self.finite(part, *y)?;
            }
        }
        for bar in &series.bars {
            self.x("bars", bar.from)?;
            self.x("bars", bar.to)?;
            self.finite("bars", bar.y)?;
        }
        for mean in &series.means {
            self.x("means", mean.x)?;
            self.finite("means", mean.y)?;
            self.bounds("means", mean.low, mean.high)?;
        }
        for (x, low, high) in &series.band {
            self.x("band", *x)?;
            self.bounds("band", *low, *high)?;
        }
        Ok(())
    }

    fn x(&self, part: &'static str, value: f64) -> Result<(), PlotError> {
        self.finite(part, value)?;
        if self.log && value <= 0.0 {
            let series = self.name.to_owned();
            return Err(PlotError::NotPositive { panel: self.panel, series, part, value });
        }
        Ok(())
    }

    fn bounds(&self, part: &'static str, low: f64, high: f64) -> Result<(), PlotError> {
        // An infinite bound is a fact about an interval; one that is not a number is a mistake.
        for value in [low, high] {
            self.finite(part, if value.is_infinite() { 0.0 } else { value })?;
        }
        Ok(())
    }

    fn finite(&self, part: &'static str, value: f64) -> Result<(), PlotError> {
        if value.is_finite() {
            return Ok(());
        }
        Err(PlotError::NotFinite { panel: self.panel, series: self.name.to_owned(), part, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;
    use crate::chart::Estimate;

    fn chart(series: Series, x: Scale, range: Option<(f64, f64)>) -> Chart {
        let axis = |scale, range| Axis { label: String::new(), scale, range };
        let panel = Panel {
            x: axis(x, None),
            y: axis(Scale::Log10, range),
            series: vec![series],
            ..Panel::default()
        };
        Chart { panels: vec![panel], ..Chart::default() }
    }

    #[test]
    fn what_has_no_place_is_named() {
        let series = Series { name: "SFT".into(), samples: vec![(64.0, f64::NAN)], ..Series::default() };
        let error = check(&chart(series, Scale::Log2, None)).unwrap_err().to_string();
        assert!(error.contains("SFT") && error.contains("samples") && error.contains("NaN"), "{error}");

        let series = Series { name: "RFT".into(), curve: vec![(0.0, 0.5)], ..Series::default() };
        assert!(check(&chart(series.clone(), Scale::Linear, None)).is_ok());
        let error = check(&chart(series, Scale::Log2, None)).unwrap_err();
        assert!(matches!(error, PlotError::NotPositive { value: 0.0, part: "curve", .. }));
    }

    #[test]
    fn infinite_bounds_pass_and_infinite_means_do_not() {
        let mean = |y| Estimate { x: 64.0, y, low: 0.0, high: f64::INFINITY };
        let series =
            |y| Series { means: vec![mean(y)], band: vec![(1.0, 0.0, f64::INFINITY)], ..Series::default() };
        assert!(check(&chart(series(0.1), Scale::Log2, None)).is_ok());
        assert!(check(&chart(series(f64::INFINITY), Scale::Log2, None)).is_err());
    }

    #[test]
    fn ranges_must_be_ranges() {
        for range in [(1.0, 1.0), (2.0, 1.0), (0.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (0.1, f64::INFINITY)]
        {
            let error = check(&chart(Series::default(), Scale::Log2, Some(range))).unwrap_err();
            assert!(matches!(error, PlotError::Range { axis: "y", .. }), "{range:?}");
        }
    }
}
