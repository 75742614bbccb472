//! The strictest verifier: the solution is the answer.

use crate::{Verdict, Verifier};
use eightfold_task::Problem;

/// Compares a whole solution with the problem's answer, word by word. For worlds in which the answer is all of
/// the solution, such as the star graph's path: a solution that jumps to the right end is wrong, and a prefix
/// that has left the path is worth nothing under any completer.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExactMatch;

impl Verifier for ExactMatch {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        if solution.trim().is_empty() {
            return Verdict::NoAnswer;
        }
        let right = solution.split_whitespace().eq(problem.answer.0.split_whitespace());
        if right { Verdict::Correct } else { Verdict::Incorrect }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_task::stargraph::{StarConfig, StarGraph};

    #[test]
    fn the_whole_path_is_right_and_nothing_else() {
        for graph in StarGraph::draw_set(&StarConfig::default(), 50, 0, "verifier") {
            let problem = graph.problem();
            let verdict = |text: &str| ExactMatch.verify(&problem, text);
            let (first, goal) = (graph.path()[0], graph.goal());
            assert_eq!(verdict(&graph.solution()), Verdict::Correct);
            assert_eq!(
                verdict(&format!("{first} . {goal}\n")),
                Verdict::Correct,
                "white space does not matter"
            );
            assert_eq!(verdict(&goal.to_string()), Verdict::Incorrect, "jumped to the end");
            assert_eq!(verdict(&format!("{first} .\n")), Verdict::Incorrect, "stopped on the way");
            assert_eq!(verdict(&format!("{} .\n{goal}", graph.start())), Verdict::Incorrect);
            assert_eq!(verdict(" \n"), Verdict::NoAnswer);
        }
    }
}
