//! Noto Sans, as the crate `notosans` carries it (SIL Open Font License): widths for the layout.

use super::chart::PlotError;
use std::sync::OnceLock;
use ttf_parser::{Face, GlyphId};

/// Named first in the SVG; the others are wide enough not to break the layout where it is missing.
pub(super) const FAMILIES: &str = "Noto Sans, DejaVu Sans, Helvetica, Arial, sans-serif";

/// The regular or the bold face.
pub(super) fn face(bold: bool) -> Result<&'static Face<'static>, PlotError> {
    static FACES: [OnceLock<Option<Face<'static>>>; 2] = [OnceLock::new(), OnceLock::new()];
    let bytes = if bold { notosans::BOLD_TTF } else { notosans::REGULAR_TTF };
    FACES[bold as usize].get_or_init(|| Face::parse(bytes, 0).ok()).as_ref().ok_or(PlotError::Font)
}

/// The glyphs of a line of text with their distances from its start, in units of the font's size, and the
/// line's width. Kerning is left out: it moves figures and short labels by less than a pixel.
pub(super) fn line(text: &str, bold: bool) -> Result<(Vec<(GlyphId, f64)>, f64), PlotError> {
    let face = face(bold)?;
    let em = f64::from(face.units_per_em());
    let mut pen = 0.0;
    let mut glyphs = Vec::new();
    for letter in text.chars() {
        let glyph = face.glyph_index(letter).ok_or(PlotError::Glyph(letter))?;
        glyphs.push((glyph, pen));
        pen += f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) / em;
    }
    Ok((glyphs, pen))
}

/// Width of a line at `size`; an upper guess where a letter has no outline, which is reported later.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    line(text, bold).map_or(text.chars().count() as f64, |(_, width)| width) * size
}

/// `size`, or the smaller size at which `text` is no wider than `room`.
pub(super) fn fit(text: &str, size: f64, bold: bool, room: f64) -> f64 {
    size * (room / width(text, size, bold)).clamp(0.0, 1.0)
}

/// What the widest of the other families takes, in widths of the first: DejaVu Sans, on machines without Noto Sans.
const WIDEST: f64 = 1.12;

/// `text` broken at spaces into lines no wider than `room` in any of the families; a longer word stands alone on its line.
pub(super) fn wrap(text: &str, size: f64, bold: bool, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer.filter(|line| WIDEST * width(line, size, bold) <= room) {
            Some(line) => *lines.last_mut().expect("there is a line to lengthen") = line,
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_add_up_and_bold_is_wider() {
        let both = width("256", 12.0, false);
        assert!((both - width("25", 12.0, false) - width("6", 12.0, false)).abs() < 1e-9);
        assert!(width("error", 12.0, true) > width("error", 12.0, false));
    }

    #[test]
    fn wrapping_keeps_every_word_and_the_width() {
        let text = "Error bars are 95 % intervals over three seeds; dashes are the tabular policy.";
        let lines = wrap(text, 11.0, false, 120.0);
        assert!(lines.len() > 2);
        assert_eq!(lines.join(" "), text);
        assert!(lines.iter().all(|line| width(line, 11.0, false) <= 120.0));
        assert_eq!(wrap("", 11.0, false, 120.0), Vec::<String>::new());
    }

    #[test]
    fn only_long_texts_shrink() {
        assert_eq!(fit("error", 13.0, false, 200.0), 13.0);
        assert_eq!(fit("", 13.0, false, 200.0), 13.0);
        let size = fit("a label far too long for its axis", 13.0, false, 100.0);
        assert!((width("a label far too long for its axis", size, false) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_letter_without_outline_is_named() {
        assert_eq!(line("a\u{4e00}", false).unwrap_err(), PlotError::Glyph('\u{4e00}'));
    }
}
