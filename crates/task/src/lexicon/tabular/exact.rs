//! What a prefix is worth under a tabular policy, without sampling.

use super::{Tabular, TabularError};
use crate::Problem;
use crate::lexicon::operation::{MODULUS, Operation};
use crate::lexicon::story::Count;

/// One probability for each count.
type Counts = [f64; MODULUS as usize];

impl Tabular<'_> {
    /// Exact probability that this policy, continuing the question and `prefix` (whole steps of a solution,
    /// its own or another's, slips included), ends in the problem's answer: Q of the last step of the
    /// prefix, with this policy as completer.
    ///
    /// The asked count depends on a chain of readings; its distribution is carried along the chain, count
    /// by count.
    ///
    /// # Errors
    /// If the question is not a story of the lexicon or the prefix cannot be read.
    pub fn success(&self, problem: &Problem, prefix: &str) -> Result<f64, TabularError> {
        let (story, replay) = self.read(&(problem.prompt() + prefix))?;
        let right = |who: usize, count: u8| {
            let name = crate::lexicon::PEOPLE[who];
            problem.answer.0 == format!("{name} {count}")
        };
        if let Some((who, count)) = replay.answer {
            return Ok(f64::from(u8::from(right(who, count))));
        }
        // Up from the asked person to the first known count, then down again.
        let (mut at, mut words) = (story.asked(), Vec::new());
        let known = loop {
            match (replay.counts[at], story.people()[at].count) {
                (Some(count), _) | (None, Count::Given(count)) => break count,
                (None, Count::Related { word, of }) => {
                    words.push(word);
                    at = of;
                }
            }
        };
        let mut counts: Counts = [0.0; MODULUS as usize];
        counts[usize::from(known)] = 1.0;
        for &word in words.iter().rev() {
            counts = self.through(word, &counts);
        }
        let who = story.people()[story.asked()].name;
        Ok((0..MODULUS).filter(|&count| right(who, count)).map(|count| counts[usize::from(count)]).sum())
    }

    /// Exact error of this policy: the mean probability, over problems, of a wrong answer to the bare
    /// question. NaN without problems.
    ///
    /// # Errors
    /// If a question is not a story of the lexicon.
    pub fn error(&self, problems: &[Problem]) -> Result<f64, TabularError> {
        let mut error = 0.0;
        for problem in problems {
            error += 1.0 - self.success(problem, "")?;
        }
        Ok(error / problems.len() as f64)
    }

    /// The distribution of a count after one reading of a word.
    fn through(&self, word: usize, counts: &Counts) -> Counts {
        let readings = self.readings(word);
        let mut after = [0.0; MODULUS as usize];
        for operation in Operation::ALL {
            for count in 0..MODULUS {
                let result = usize::from(operation.apply(count));
                after[result] += readings[operation.index()] * counts[usize::from(count)];
            }
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Lexicon, LexiconConfig, Story, Teacher};
    use crate::{Draw, Key, Policy, stream};

    fn world() -> Lexicon {
        Lexicon::new(LexiconConfig { relations: 8, ..Default::default() }).unwrap()
    }

    /// All assignments of readings to people, with their probability: the definition.
    fn enumerate(policy: &Tabular<'_>, story: &Story, counts: &mut Vec<u8>) -> f64 {
        let person = counts.len();
        if person == story.people().len() {
            let truth = story.counts(|word| policy.lexicon().relations()[word].operation);
            return f64::from(u8::from(counts[story.asked()] == truth[story.asked()]));
        }
        let options: Vec<(u8, f64)> = match story.people()[person].count {
            Count::Given(count) => vec![(count, 1.0)],
            Count::Related { word, of } => Operation::ALL
                .into_iter()
                .map(|o| (o.apply(counts[of]), policy.readings(word)[o.index()]))
                .collect(),
        };
        let mut total = 0.0;
        for (count, p) in options {
            counts.push(count);
            total += p * enumerate(policy, story, counts);
            counts.pop();
        }
        total
    }

    #[test]
    fn values_are_those_of_full_enumeration() {
        let lexicon = world();
        for (seed, temperature) in [(0, 1.0), (1, 1.0), (2, 0.5), (3, 2.0), (4, 0.0)] {
            let policy = Tabular::crowd(&lexicon).at_temperature(temperature);
            let story = lexicon.story(&mut stream(seed, "enumerate"));
            let problem = story.problem(&lexicon);
            let text = Teacher::new(&lexicon).attempt(&story, &mut stream(seed, "attempt"));
            let replay = crate::lexicon::replay(&lexicon, &story, &text);
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for steps in 0..lines.len() {
                let mut counts = replay.counts[..steps].iter().map(|c| c.unwrap()).collect();
                let exact = policy.success(&problem, &lines[..steps].concat()).unwrap();
                let expected = enumerate(&policy, &story, &mut counts);
                assert!((exact - expected).abs() < 1e-12, "{exact} {expected}");
            }
        }
    }

    #[test]
    fn values_are_those_of_sampling() {
        let lexicon = world();
        let policy = Tabular::crowd(&lexicon);
        for (i, problem) in lexicon.problems(5, 0, "sampled").iter().enumerate() {
            let prompt = problem.prompt();
            let draws: Vec<Draw> = (0..2000)
                .map(|j| Draw { prompt: prompt.clone(), key: Key::new(i as u64, "sampled").with(j) })
                .collect();
            let completions = policy.complete(&draws).unwrap();
            let answer = format!("answer {}", problem.answer.0);
            let right = completions.iter().filter(|c| c.text.ends_with(&answer)).count() as f64;
            let q = policy.success(problem, "").unwrap();
            assert!((right - 2000.0 * q).abs() < 4.0 * (2000.0 * q * (1.0 - q)).sqrt(), "{right} {q}");
        }
    }

    #[test]
    fn a_whole_solution_is_worth_its_verdict() {
        let lexicon = world();
        let policy = Tabular::crowd(&lexicon);
        let problem = Problem::new("Ann is 7 ; ? Ann :", "Ann 7");
        for (prefix, q) in [
            ("", 1.0),
            ("Ann is Ann 6 .\n", 0.0),
            ("Ann is Ann 7 .\nanswer Ann 7", 1.0),
            ("Ann is Ann 7 .\nanswer Ann 8", 0.0),
            ("Ann is Ann 7 .\nanswer Bob 7", 0.0),
        ] {
            assert_eq!(policy.success(&problem, prefix), Ok(q), "{prefix}");
        }
    }
}
