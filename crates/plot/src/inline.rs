//! A drawing of ours as a part of a page that holds several, and that may be dark.

use super::chart::Color;
use super::scene::{Paint, hex};

/// The SVG that [`Scene::svg`](super::Scene::svg) wrote, for a page of HTML: without background and small print
/// (the page has its own), its names made different from those of other drawings by `id`. `None` if the text is
/// not a drawing of that kind.
pub fn inline(svg: &str, id: &str) -> Option<String> {
    let (mut out, mut title) = (String::new(), "");
    let mut lines = svg.lines();
    let head = lines.next()?.strip_prefix("<svg ")?;
    let (width, mut height) = (attribute(head, "width")?, attribute(head, "height")?);
    let family = attribute(head, "font-family")?;
    for line in lines {
        if let Some(group) = line.strip_prefix("<g class=\"caption\"") {
            height = attribute(group, "data-top")?;
            break;
        }
        if let Some(text) = line.strip_prefix("<title>").and_then(|rest| rest.strip_suffix("</title>")) {
            title = text;
            continue;
        }
        if line.starts_with("<rect ") || line == "</svg>" {
            continue;
        }
        let line = line.replacen("<clipPath id=\"", &format!("<clipPath id=\"{id}-"), 1);
        out += &line.replacen("clip-path=\"url(#", &format!("clip-path=\"url(#{id}-"), 1);
        out += "\n";
    }
    let title = title.replace('"', "&quot;");
    Some(format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"{title}\" style=\"--natural:{width}px\" font-family=\"{family}\" \
         stroke-linejoin=\"round\">\n{out}</svg>\n"
    ))
}

/// The value of an attribute in a start tag of ours.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// Rules of CSS by which inline drawings inside `scope` follow the variables `--ink`, `--soft` and `--paper`:
/// letters and axes turn, colors become lighter, and pale areas are mixed with the page.
pub fn dark(scope: &str) -> String {
    let mut out = String::new();
    let mut rule = |rgb: [u8; 3], value: String| {
        for part in ["fill", "stroke"] {
            out += &format!("{scope} [{part}=\"{}\"]{{{part}:{value}}}\n", hex(rgb));
        }
    };
    rule(super::layout::INK, "var(--ink)".into());
    rule(super::frame::GRID, "var(--soft)".into());
    rule([255; 3], "var(--paper)".into());
    for color in Color::ALL {
        let strong = match color {
            Color::Black => "var(--ink)".to_owned(),
            Color::Gray => "color-mix(in srgb,var(--ink) 60%,var(--paper))".to_owned(),
            _ => format!("color-mix(in srgb,{} 72%,white)", hex(color.rgb())),
        };
        for share in [0.12, 0.45, 0.7] {
            let mixed = format!("color-mix(in srgb,{strong} {}%,var(--paper))", 100.0 * (share + 0.06));
            rule(Paint::pale(color.rgb(), share).rgb, mixed);
        }
        rule(color.rgb(), strong);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Chart, Estimate, Panel, Scale, Series};

    fn drawn() -> String {
        let axis = |label: &str| Axis { label: label.into(), scale: Scale::Linear, range: None };
        let series = Series {
            name: "A <b> \"&\"".into(),
            means: vec![Estimate { x: 1.0, y: 2.0, low: 1.0, high: 3.0 }],
            ..Series::default()
        };
        let panel = Panel { x: axis("x"), y: axis("y"), series: vec![series], ..Panel::default() };
        let caption = vec!["Small print.".into()];
        let chart = Chart { title: "T".into(), panels: vec![panel], caption, ..Chart::default() };
        chart.scene().unwrap().svg()
    }

    #[test]
    fn names_differ_and_the_small_print_is_gone() {
        let (svg, a, b) = (drawn(), inline(&drawn(), "a").unwrap(), inline(&drawn(), "b").unwrap());
        assert!(svg.contains("Small print.") && !a.contains("Small print."));
        assert!(a.contains("id=\"a-p0\"") && a.contains("url(#a-p0)") && !a.contains("url(#p0)"), "{a}");
        assert_eq!(a.replace("a-p", "b-p"), b);
        let height = |svg: &str| attribute(svg, "height").unwrap().parse::<f64>().unwrap();
        assert!(height(&a) < height(&svg));
        assert!(a.contains("<title>A &lt;b&gt; \"&amp;\", x 1: y 2 [1, 3]</title>"), "{a}");
        assert!(!a.contains("http"), "a page loads nothing");
        assert_eq!(inline("<svg>", "a"), None);
        assert_eq!(inline("", "a"), None);
    }

    #[test]
    fn every_color_has_a_dark_form() {
        let css = dark(".figure");
        for color in Color::ALL {
            assert!(css.contains(&format!(".figure [stroke=\"{}\"]", hex(color.rgb()))), "{color:?}");
        }
    }
}
