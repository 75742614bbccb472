//! What the template of the page is given: texts only, in the words and digits that are shown. Texts that are
//! HTML already say so; the template escapes all others.

use serde::Serialize;

/// The page.
#[derive(Serialize)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) preset: &'static str,
    /// HTML.
    pub(super) paragraphs: Vec<String>,
    pub(super) topics: Vec<TopicView>,
    pub(super) figures: Vec<FigureView>,
    pub(super) worked: Option<Stepper>,
    /// HTML.
    pub(super) cost: Option<String>,
    pub(super) ablations: Vec<FigureView>,
    pub(super) command: String,
}

/// The claims under one of the paper's.
#[derive(Serialize)]
pub(super) struct TopicView {
    pub(super) title: String,
    pub(super) rows: Vec<ClaimView>,
}

/// A claim.
#[derive(Serialize)]
pub(super) struct ClaimView {
    pub(super) says: String,
    pub(super) figure: String,
    pub(super) known: String,
    pub(super) place: String,
    pub(super) statistic: String,
    pub(super) value: String,
    pub(super) p: String,
    pub(super) adjusted: String,
    pub(super) verdict: String,
    /// Empty for claims outside the table.
    pub(super) corrected: String,
}

/// A figure or an ablation.
#[derive(Serialize)]
pub(super) struct FigureView {
    pub(super) id: String,
    pub(super) title: String,
    /// HTML.
    pub(super) svg: Option<String>,
    pub(super) caption: Vec<String>,
    pub(super) claims: Vec<ClaimView>,
    /// Whether its claims are corrected for their number: not those of ablations.
    pub(super) corrected: bool,
    /// HTML.
    pub(super) notes: String,
    pub(super) missing: usize,
    pub(super) seeds: u64,
    pub(super) command: String,
    pub(super) files: Vec<Link>,
    pub(super) records: Vec<Link>,
}

/// A link to a file beside the page.
#[derive(Serialize)]
pub(super) struct Link {
    pub(super) text: String,
    pub(super) href: String,
}

/// The worked example.
#[derive(Serialize)]
pub(super) struct Stepper {
    pub(super) question: String,
    pub(super) answer: String,
    pub(super) rollouts: usize,
    pub(super) k: usize,
    /// The question first.
    pub(super) steps: Vec<Step>,
    pub(super) pair: Option<Pair>,
}

/// A prefix of the worked example.
#[derive(Serialize)]
pub(super) struct Step {
    pub(super) text: String,
    pub(super) reading: &'static str,
    pub(super) pit: bool,
    /// Q in per cent, for its bar.
    pub(super) percent: String,
    pub(super) exact: String,
    pub(super) rollouts: String,
    pub(super) best: String,
    pub(super) advantage: String,
    pub(super) estimated: String,
    /// A sentence.
    pub(super) says: String,
}

/// The pair made from it.
#[derive(Serialize)]
pub(super) struct Pair {
    pub(super) prompt: String,
    pub(super) chosen: String,
    pub(super) rejected: String,
}
