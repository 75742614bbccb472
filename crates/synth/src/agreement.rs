//! What do several solutions of one problem agree on? The answer of a problem that nobody has solved before.

use eightfold_verifier::{Grader, Judgment, Marker, extract};

/// The final answer that most solutions reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The answer, as the first of them writes it.
    pub answer: String,
    /// The first solution that reaches it.
    pub first: usize,
    /// Solutions that reach it.
    pub votes: usize,
}

/// The largest class of solutions whose marked final answers are equal to that of the first of the class; of
/// several the one that was begun first. `None` if no solution marks an answer. A solution without one has no
/// vote.
pub fn agreement(grader: &Grader, solutions: &[&str]) -> Option<Agreement> {
    let mut classes: Vec<Agreement> = Vec::new();
    for (first, solution) in solutions.iter().enumerate() {
        let Some(answer) = extract(solution, &Marker::EXPLICIT).map(|found| found.text) else { continue };
        let equal =
            |class: &&mut Agreement| grader.compare(&class.answer, &answer).judgment == Judgment::Equal;
        match classes.iter_mut().find(equal) {
            Some(class) => class.votes += 1,
            None => classes.push(Agreement { answer, first, votes: 1 }),
        }
    }
    // The last of equals is the maximum, so in reverse the first is.
    classes.into_iter().rev().max_by_key(|class| class.votes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_by_value_wins() {
        let solutions =
            ["I am not sure.", "#### 3", "So 1/2.\n#### 1/2", "#### 0.5", "#### 3.0", "\\boxed{\\frac12}"];
        let found = agreement(&Grader::default(), &solutions).unwrap();
        assert_eq!(found, Agreement { answer: "1/2".into(), first: 2, votes: 3 });
    }

    #[test]
    fn of_equal_classes_the_first_wins_and_silence_has_no_vote() {
        let found = agreement(&Grader::default(), &["?", "#### 4", "#### 5", "#### 5", "#### 4"]).unwrap();
        assert_eq!((found.answer.as_str(), found.first, found.votes), ("4", 1, 2));
        assert_eq!(agreement(&Grader::default(), &["?", "maybe 4"]), None);
        assert_eq!(agreement(&Grader::default(), &[]), None);
    }
}
