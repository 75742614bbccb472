//! A server as a [`Policy`]: what data generation and credit assignment draw from.

use crate::{Ask, Client, ServerError};
use eightfold_exchange::Prompt;
use eightfold_task::{Completion, Draw, Policy, PolicyError, Problem};
use std::collections::HashMap;
use std::sync::Arc;

/// The rendered prompt of each problem. A draw is text, the question and the steps so far; this says where
/// the one ends and the other begins.
#[derive(Clone, Debug, Default)]
pub struct Prompts(HashMap<String, Arc<Prompt>>);

impl Prompts {
    /// Adds a problem with its rendered prompt, and returns the one that it had before.
    pub fn insert(&mut self, problem: &Problem, prompt: Prompt) -> Option<Arc<Prompt>> {
        self.0.insert(problem.prompt(), prompt.into())
    }

    /// What a draw asks for.
    ///
    /// # Errors
    /// If no problem's question begins its text.
    pub fn ask(&self, draw: &Draw) -> Result<Ask, PolicyError> {
        let (prompt, prefix) = self.split(&draw.prompt).ok_or_else(|| PolicyError {
            message: format!("no problem asks: {}", draw.prompt.lines().next().unwrap_or_default()),
        })?;
        Ok(Ask { prompt: prompt.clone(), prefix: prefix.to_owned(), key: draw.key })
    }

    /// The rendered prompt and the steps of a draw's text; `None` if no problem's question begins it. Of
    /// several the longest counts.
    fn split<'a>(&self, text: &'a str) -> Option<(&Arc<Prompt>, &'a str)> {
        let ends = text.match_indices('\n').map(|(place, _)| place + 1).rev();
        ends.map(|end| text.split_at(end)).find_map(|(question, steps)| Some((self.0.get(question)?, steps)))
    }
}

/// A client and its prompts, as a policy.
///
/// Its completions are a function of prompt and key as far as the server keeps its word on `seed`; within a
/// journal they always are.
pub struct ServerPolicy<'a> {
    client: &'a Client,
    prompts: &'a Prompts,
}

impl<'a> ServerPolicy<'a> {
    /// A policy over these problems.
    pub fn new(client: &'a Client, prompts: &'a Prompts) -> Self {
        Self { client, prompts }
    }
}

impl Policy for ServerPolicy<'_> {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let asks: Vec<Ask> = draws.iter().map(|draw| self.prompts.ask(draw)).collect::<Result<_, _>>()?;
        let mut completions = Vec::with_capacity(asks.len());
        self.client.draw(&asks, &mut |_, answer| {
            completions.push(answer.into());
            Ok(())
        })?;
        Ok(completions)
    }
}

impl From<ServerError> for PolicyError {
    fn from(error: ServerError) -> Self {
        Self { message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_split_after_its_question() {
        let mut prompts = Prompts::default();
        for question in ["A?", "A?\nB?", "Long\nquestion?"] {
            prompts.insert(&Problem::new(question, "1"), Prompt::Text(question.to_uppercase()));
        }
        let split = |text| prompts.split(text).map(|(prompt, steps)| ((**prompt).clone(), steps));
        let text = |text: &str| Prompt::Text(text.into());
        assert_eq!(split("A?\n"), Some((text("A?"), "")));
        assert_eq!(split("A?\nstep\nstep"), Some((text("A?"), "step\nstep")));
        assert_eq!(split("A?\nB?\nstep\n"), Some((text("A?\nB?"), "step\n")));
        assert_eq!(split("Long\nquestion?\n"), Some((text("LONG\nQUESTION?"), "")));
        assert_eq!(split("Long\nquest"), None);
    }
}
