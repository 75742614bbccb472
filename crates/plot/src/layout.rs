//! Where title, legend, panels and caption stand on the page.

use super::chart::{Chart, Legend, Panel, PlotError};
use super::check::check;
use super::flow::Flow;
use super::frame::Frame;
use super::scene::{Anchor, Item, Scene, Text};
use super::{font, legend, marks};

/// Size of tick labels and names, in SVG units.
pub(super) const TEXT: f64 = 12.0;
/// Size of axis labels.
pub(super) const LABEL: f64 = 13.0;
/// Color of text and axes that belong to no series.
pub(super) const INK: [u8; 3] = [38, 38, 38];
/// Free space around the figure.
const MARGIN: f64 = 10.0;
const TITLE: f64 = 14.5;
const TITLE_ROW: f64 = 20.0;
const SMALL: f64 = 10.5;
const SMALL_ROW: f64 = 14.5;
/// Room for a panel's own title, and for tick labels and axis label under it.
const HEAD: f64 = 22.0;
const FOOT: f64 = 48.0;
const OFF_THE_AXIS: &str = "Open marks on a panel's edge: the value lies beyond it.";

impl Chart {
    /// Lays the chart out.
    ///
    /// # Errors
    /// [`PlotError`] names the panel, the series and the value where a coordinate has no place on its axis;
    /// see [`Axis`](super::Axis) for what is drawn on the edge instead.
    pub fn scene(&self) -> Result<Scene, PlotError> {
        check(self)?;
        let (mut frames, end) = self.frames();
        let left = frames.first().map_or(MARGIN, |frame| frame.left);
        let (wide, tall) = legend::column_size(self);
        let (end, width, tall) = match self.legend {
            Legend::Right => (end, end + wide, tall),
            // An entry wider than the panels widens the page.
            Legend::Top => (end, end.max(left + wide), 0.0),
            Legend::Hidden => (end, end, 0.0),
        };
        let width = (width + MARGIN).ceil();

        let title = font::wrap(&self.title, TITLE, true, width - left - MARGIN);
        let keys = legend::rows(self, width - left - MARGIN);
        let over = MARGIN + TITLE_ROW * title.len() as f64;
        let strip = self.flow.as_ref().map_or(0.0, Flow::height);
        let top = over + strip + legend::rows_height(&keys) + self.head();
        frames.iter_mut().for_each(|frame| frame.move_down(top));
        let caption = self.small_print(&frames, width - 2.0 * MARGIN);
        let under = top + (self.panel_size.1 + FOOT).max(tall);
        let height = (under + SMALL_ROW * caption.len() as f64 + MARGIN).ceil();

        let clips = frames.iter().map(Frame::area).collect();
        let mut scene =
            Scene { width, height, title: self.title.clone(), items: Vec::new(), clips, caption: None };
        scene.lines(&title, (left, MARGIN), (TITLE, TITLE_ROW), true);
        if let Some(flow) = &self.flow {
            flow.draw(&mut scene, MARGIN, over, width - 2.0 * MARGIN);
        }
        legend::draw_rows(&mut scene, &keys, left, over + strip);
        for (index, (panel, frame)) in self.panels.iter().zip(&frames).enumerate() {
            self.draw_panel(&mut scene, index, panel, frame);
        }
        if self.legend == Legend::Right {
            legend::draw_column(&mut scene, self, end, top);
        }
        scene.caption = Some((scene.items.len(), under));
        scene.lines(&caption, (MARGIN, under), (SMALL, SMALL_ROW), false);
        scene.check_letters()?;
        Ok(scene)
    }

    /// The panels' frames, not yet moved down, and where the last of them ends.
    fn frames(&self) -> (Vec<Frame>, f64) {
        let mut frames: Vec<Frame> = Vec::new();
        let mut cursor = MARGIN;
        for (index, panel) in self.panels.iter().enumerate() {
            // A label that repeats its neighbor's is left out; the axis itself is never shared.
            let said = index > 0 && self.panels[index - 1].y.label == panel.y.label;
            let frame = Frame::new(panel, index, cursor, self.panel_size, !said && !panel.y.label.is_empty());
            cursor = frame.left + self.panel_size.0 + frame.overhang();
            frames.push(frame);
        }
        (frames, cursor)
    }

    fn head(&self) -> f64 {
        let titled = self.panels.len() > 1 || self.panels.iter().any(|panel| !panel.title.is_empty());
        if titled { HEAD } else { MARGIN / 2.0 }
    }

    fn draw_panel(&self, scene: &mut Scene, index: usize, panel: &Panel, frame: &Frame) {
        frame.draw_axes(scene, panel);
        let mut x = frame.left;
        if self.panels.len() > 1 {
            // After the twenty-sixth panel letters end; nobody can read such a figure anyway.
            let letter = char::from(b'a' + (index % 26) as u8).to_string();
            scene.text(plain(x, frame.top - 8.0, &letter, LABEL, Anchor::Start, true));
            x += font::width(&letter, LABEL, true) + 8.0;
        }
        let size = font::fit(&panel.title, LABEL, false, frame.left + frame.width - x);
        scene.text(plain(x, frame.top - 8.0, &panel.title, size, Anchor::Start, false));
        marks::draw(scene, panel, frame);
    }

    fn small_print(&self, frames: &[Frame], room: f64) -> Vec<String> {
        let beyond = self.panels.iter().zip(frames).any(|(panel, frame)| frame.hides(panel));
        let note = beyond.then_some(OFF_THE_AXIS);
        let paragraphs = self.caption.iter().map(String::as_str).chain(note);
        paragraphs.flat_map(|text| font::wrap(text, SMALL, false, room)).collect()
    }
}

impl Scene {
    /// Lines of text under each other, from the upper left corner `(x, y)` on.
    fn lines(&mut self, lines: &[String], (x, y): (f64, f64), (size, row): (f64, f64), bold: bool) {
        for (index, line) in lines.iter().enumerate() {
            self.text(plain(x, y + row * index as f64 + size, line, size, Anchor::Start, bold));
        }
    }

    /// Every letter of every text has an outline, so that SVG and PNG show the same.
    fn check_letters(&self) -> Result<(), PlotError> {
        for item in &self.items {
            if let Item::Text(text) = item {
                font::line(&text.content, text.bold)?;
            }
        }
        Ok(())
    }
}

/// A line of text in the ink of the axes.
pub(super) fn plain(x: f64, y: f64, content: &str, size: f64, anchor: Anchor, bold: bool) -> Text {
    Text { x, y, content: content.to_owned(), size, rgb: INK, anchor, bold, upward: false, halo: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Bar, Color, Estimate, Keys, Level, Marker, Ratio, Scale, Series};
    use proptest::prelude::*;

    fn axis(label: &str, scale: Scale) -> Axis {
        Axis { label: label.into(), scale, range: None }
    }

    /// Errors that fall as a power of the size, three invented seeds to a point.
    fn method(name: &str, color: Color, marker: Marker, first: f64, sizes: &[f64]) -> Series {
        let error = |n: f64| first * (n / 64.0).powf(-0.25);
        let seeds = |n: f64| [0.9, 1.0, 1.1].map(|wobble| (n, wobble * error(n)));
        let mean = |n: f64| Estimate { x: n, y: error(n), low: 0.85 * error(n), high: 1.15 * error(n) };
        Series {
            name: name.into(),
            color,
            marker,
            samples: sizes.iter().flat_map(|n| seeds(*n)).collect(),
            means: sizes.iter().map(|n| mean(*n)).collect(),
            curve: sizes.iter().map(|n| (*n, error(*n))).collect(),
            band: sizes.iter().map(|n| (*n, 0.9 * error(*n), 1.1 * error(*n))).collect(),
            theory: sizes.iter().map(|n| (*n, 1.2 * error(*n))).collect(),
            ..Series::default()
        }
    }

    fn small() -> Chart {
        let ratio = Ratio {
            from: 256.0,
            to: 1024.0,
            y: 0.28,
            text: "> 4.0x".into(),
            color: Color::Blue,
            bound: true,
        };
        let panel = Panel {
            x: axis("synthetic problems", Scale::Log2),
            y: axis("test error", Scale::Log10),
            series: vec![
                method("SFT", Color::Black, Marker::Circle, 0.6, &[64.0, 256.0, 1024.0]),
                method("RFT", Color::Blue, Marker::Square, 0.4, &[64.0, 256.0]),
            ],
            ratios: vec![ratio],
            levels: vec![Level { y: 0.2, text: "infinite data".into(), color: Color::Gray }],
            ..Panel::default()
        };
        let caption = vec!["Invented numbers: errors < 1 & falling.".into()];
        let panel_size = (240.0, 180.0);
        Chart { title: "A small chart".into(), panels: vec![panel], caption, panel_size, ..Chart::default() }
    }

    fn texts(scene: &Scene) -> Vec<&Text> {
        let mut texts = Vec::new();
        for item in &scene.items {
            if let Item::Text(text) = item {
                texts.push(text);
            }
        }
        texts
    }

    /// Left, top, right and bottom of a text, as the built-in font sets it.
    fn bounds(text: &Text) -> [f64; 4] {
        let width = font::width(&text.content, text.size, text.bold);
        let (before, after) = (text.anchor.share() * width, (1.0 - text.anchor.share()) * width);
        let (rise, drop) = (0.75 * text.size, 0.2 * text.size);
        let (x, y) = (text.x, text.y);
        if text.upward {
            return [x - rise, y - after, x + drop, y + before];
        }
        [x - before, y - rise, x + after, y + drop]
    }

    #[test]
    fn the_svg_of_a_small_chart_is_the_committed_one() {
        let svg = small().scene().unwrap().svg();
        assert_eq!(svg, small().scene().unwrap().svg());
        if std::env::var_os("EIGHTFOLD_BLESS").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/small.svg"), &svg).unwrap();
        }
        let expected = include_str!("small.svg");
        assert!(
            svg == expected,
            "the drawing changed: set EIGHTFOLD_BLESS=1 to rewrite small.svg, and look at it"
        );
    }

    #[test]
    fn nothing_and_single_points_are_drawn() {
        let drawn = |series: Vec<Series>, scale| {
            let panel = Panel { x: axis("", scale), y: axis("", scale), series, ..Panel::default() };
            let scene = Chart { panels: vec![panel], ..Chart::default() }.scene().unwrap();
            scene.svg()
        };
        for scale in [Scale::Linear, Scale::Log10, Scale::Log2] {
            let nothing = drawn(vec![], scale);
            assert!(
                nothing.contains("no data") && !nothing.contains("d=\"M\"") && !nothing.contains("d=\"MZ\"")
            );
            assert!(
                drawn(vec![Series { name: "empty".into(), ..Series::default() }], scale).contains("no data")
            );
            let one = method("one", Color::Green, Marker::Cross, 0.3, &[64.0]);
            assert!(drawn(vec![one.clone()], scale).contains("#009e73"));
            let alone = Series { samples: vec![(64.0, 0.3)], ..Series::default() };
            assert!(drawn(vec![alone], scale).contains("<circle"));
            let theory = Series { theory: one.theory, ..Series::default() };
            assert!(!drawn(vec![theory], scale).contains("no data"));
        }
        assert!(Chart::default().scene().is_ok());
    }

    #[test]
    fn a_histogram_is_one_outline_from_the_ground_to_the_ground() {
        let bar = |from: f64, y: f64| Bar { from, to: from + 1.0, y };
        let series = Series { bars: vec![bar(0.0, 2.0), bar(1.0, 4.0), bar(3.0, 1.0)], ..Series::default() };
        let panel = Panel { series: vec![series], ..Panel::default() };
        let chart = Chart { panels: vec![panel], panel_size: (100.0, 100.0), ..Chart::default() };
        let svg = chart.scene().unwrap().svg();
        let outline = svg.lines().find(|line| line.contains("fill-opacity=\"0.16\"")).unwrap();
        // Two bars that touch, a gap, one more: ten corners.
        assert_eq!(outline.matches('L').count() + 1, 10, "{outline}");
        assert!(!svg.contains("no data"));
    }

    #[test]
    fn an_error_of_zero_stands_on_the_edge_and_is_explained() {
        let mut chart = small();
        assert!(!chart.scene().unwrap().svg().contains(OFF_THE_AXIS));
        chart.panels[0].series[0].means[2] = Estimate { x: 1024.0, y: 0.0, low: -0.1, high: 0.1 };
        chart.panels[0].series[0].samples.push((1024.0, 0.0));
        chart.panels[0].series[0].theory.push((2048.0, 0.0));
        let svg = chart.scene().unwrap().svg();
        assert!(svg.contains(OFF_THE_AXIS));
        assert!(!svg.contains("NaN") && !svg.contains("inf\""));
        // A linear axis has a zero.
        chart.panels[0].y.scale = Scale::Linear;
        assert!(!chart.scene().unwrap().svg().contains(OFF_THE_AXIS));
    }

    #[test]
    fn a_repeated_label_and_a_repeated_name_stand_once() {
        let mut chart = small();
        chart.panels.push(chart.panels[0].clone());
        let svg = chart.scene().unwrap().svg();
        assert_eq!(svg.matches(">test error<").count(), 1);
        assert_eq!(svg.matches(">RFT<").count(), 1);
        assert_eq!(svg.matches(">synthetic problems<").count(), 2);
        assert!(svg.contains(">a<") && svg.contains(">b<"));
        chart.panels[1].y.label = "loss".into();
        assert!(chart.scene().unwrap().svg().contains(">loss<"));
    }

    #[test]
    fn an_unknown_letter_is_an_error_of_both_files() {
        let chart = Chart { title: "\u{4e00}".into(), ..small() };
        assert_eq!(chart.scene().unwrap_err(), PlotError::Glyph('\u{4e00}'));
    }

    prop_compose! {
        fn charts()(
            words in proptest::collection::vec("[A-Za-z]{1,9}( [a-z]{1,9}){0,3}", 12),
            panels in 1usize..4,
            methods in 0usize..9,
            sizes in 1usize..9,
            which in 0usize..9,
            across in 160.0f64..400.0,
        ) -> Chart {
            let grid: Vec<f64> = (0..sizes).map(|k| 64.0 * 2f64.powi(k as i32)).collect();
            let first = |k: usize| 0.5 - 0.05 * k as f64;
            let one = |k: usize| method(&words[k], Color::Blue, Marker::Circle, first(k), &grid);
            let series: Vec<Series> = (0..methods).map(one).collect();
            let scales = [Scale::Linear, Scale::Log10, Scale::Log2];
            let panel = Panel {
                title: words[9].clone(),
                x: axis(&words[10], scales[which / 3]),
                y: axis(&words[11], scales[which % 3]),
                series,
                ..Panel::default()
            };
            Chart {
                title: words.join(" "),
                flow: None,
                panels: vec![panel; panels],
                legend: [Legend::Right, Legend::Top, Legend::Hidden][(which + panels) % 3],
                keys: Keys { mean: words[0].clone(), ..Keys::default() },
                caption: vec![words.join(" "), words[1].clone()],
                panel_size: (across, 0.8 * across),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_text_is_cut_or_stands_on_another(chart in charts()) {
            let scene = chart.scene().unwrap();
            let texts = texts(&scene);
            for (index, text) in texts.iter().enumerate() {
                let [l, t, r, b] = bounds(text);
                let page = l >= 0.0 && t >= 0.0 && r <= scene.width && b <= scene.height;
                prop_assert!(page, "{text:?} leaves the page of {} by {}", scene.width, scene.height);
                for other in &texts[..index] {
                    let [ol, ot, or, ob] = bounds(other);
                    prop_assert!(l >= or || r <= ol || t >= ob || b <= ot, "{text:?} on {other:?}");
                }
            }
        }
    }
}
