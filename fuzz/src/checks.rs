//! What holds for any text at all. The fuzz targets check it on generated texts, and `tests/fuzzed.rs` on the
//! corpus.

use eightfold_segment::{Lines, Merged, Numbered, Paragraphs, Segmenter, Sentences};
use eightfold_verifier::{Grader, Judgment, Marker, extract};

/// The gold answer and the prediction in an input: what stands before and after its first tab, or the whole
/// twice.
pub fn pair(input: &str) -> (&str, &str) {
    input.split_once('\t').unwrap_or((input, input))
}

/// Grades a pair in both forms and both directions.
///
/// # Panics
/// If two grades contradict each other, or a span is none of its text.
pub fn grades_agree(gold: &str, pred: &str) {
    let grader = Grader::default();
    let judge = |a: &str, b: &str| grader.compare(a, b).judgment;
    let found = grader.compare(gold, pred);
    assert_eq!(found, grader.compare(gold, pred), "the same grade twice");
    let (equal, back) = (found.judgment == Judgment::Equal, judge(pred, gold) == Judgment::Equal);
    assert_eq!(equal, back, "equal from one side is equal from the other");
    for text in [gold, pred] {
        if text.trim().is_empty() {
            continue;
        }
        assert_eq!(judge(text, text), Judgment::Equal, "an answer is itself");
        if !text.contains(['$', '\\', '{', '}']) {
            assert_ne!(
                judge(text, &format!(r"\boxed{{{text}}}")),
                Judgment::Different,
                "a box changes nothing"
            );
        }
        grader.normal_form(text);
    }
    // A backslash at the end would take the bracket along.
    if equal && !pred.ends_with('\\') {
        assert_ne!(judge(gold, &format!("({pred})+1")), Judgment::Equal, "one more is not the same");
    }

    let grade = grader.grade(gold, pred);
    assert_eq!(grade, grader.grade(gold, pred), "the same grade twice");
    for text in [gold, pred] {
        if let Some(found) = extract(text, &Marker::ALL) {
            let spans = &found.spans;
            assert!(!spans.is_empty() && spans.iter().all(|span| text.get(span.clone()).is_some()));
            assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start), "spans are in order");
        }
    }
}

/// Cuts a text in every way.
///
/// # Panics
/// If the steps do not tile it, or the tokens do not tile the steps.
pub fn steps_tile(text: &str) {
    let segmenters: [&dyn Segmenter; 6] = [
        &Lines,
        &Sentences,
        &Numbered,
        &Paragraphs,
        &Merged { inner: Sentences, shortest: 5, most: 4 },
        &Merged { inner: Paragraphs, shortest: 40, most: 1 },
    ];
    let characters = text.chars().count();
    // Tokens of three characters.
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(3).chain([text.len()]).collect();
    let tokens: Vec<(usize, usize)> = starts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    for segmenter in segmenters {
        let steps = segmenter.segment(text);
        assert_eq!(steps, segmenter.segment(text), "the same cuts twice");
        let mut next = 0;
        for span in steps.spans() {
            assert!(span.start == next && span.end > next, "steps tile");
            next = span.end;
        }
        assert_eq!(next, text.len(), "steps tile");
        assert_eq!(steps.char_spans().last().map_or(0, |span| span.end), characters, "characters tile");
        let ranges = steps.token_spans(&tokens);
        assert_eq!(ranges.len(), steps.len());
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "tokens tile");
        assert_eq!(ranges.last().map_or(0, |range| range.end), tokens.len(), "tokens tile");
        assert!(steps.answer_step().is_none_or(|step| step < steps.len()));
    }
}
