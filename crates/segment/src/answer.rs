//! Which step states the final answer.

use crate::Steps;

impl Steps {
    /// The last step that states a final answer: it holds a box, `####`, "answer is", "answer:", or a line that
    /// begins with `A:` or `answer `. `None` where no step does.
    ///
    /// ```
    /// use eightfold_segment::{Lines, Segmenter};
    ///
    /// assert_eq!(Lines.segment("9 + 9 = 18\n#### 18").answer_step(), Some(1));
    /// assert_eq!(Lines.segment("9 + 9 = 18").answer_step(), None);
    /// ```
    pub fn answer_step(&self) -> Option<usize> {
        (0..self.len()).rev().find(|&i| states_answer(self.step(i)))
    }
}

fn states_answer(step: &str) -> bool {
    if [r"\boxed", r"\fbox", "####"].iter().any(|mark| step.contains(mark)) {
        return true;
    }
    let line = |line: &str| {
        let bare = line.trim_start_matches([' ', '*', '#', '>']);
        bare.starts_with("A:") || line.starts_with("answer ")
    };
    let lower = step.to_ascii_lowercase();
    lower.contains("answer is")
        || lower.contains("answer:")
        || lower.contains("answer:**")
        || step.lines().any(line)
}

#[cfg(test)]
mod tests {
    use crate::{Lines, Segmenter, Sentences};

    #[test]
    fn the_last_statement_counts() {
        assert_eq!(Lines.segment("Ann is Ann 7 .\nanswer Ann 7\n").answer_step(), Some(1));
        assert_eq!(Sentences.segment("The answer is 5. It is prime.").answer_step(), Some(0));
        assert_eq!(Lines.segment("We answered\nAnna: 5").answer_step(), None);
    }
}
