//! Rollouts that are drawn now, from a server, as far as they are needed.

use super::Valuation;
use crate::prepared::Solution;
use crate::server::{ServerArgs, Withheld};
use crate::source::{Source, Sourced};
use anyhow::Context;
use eightfold_advantage::{Episode, Evidence, MonteCarlo};
use eightfold_exchange::{Prompt, RowError};
use eightfold_server::{Api, Prompts};
use eightfold_task::Key;
use eightfold_verifier::Grader;
use std::collections::HashMap;

/// A search on a server or a model.
pub(crate) struct Live {
    source: Source,
    settings: MonteCarlo,
    seed: u64,
    grader: Grader,
    /// Whether the server was tried: seeds, and going on in a chat.
    tried: bool,
}

impl Live {
    /// Opens the journal; no server is called yet.
    pub(crate) fn open(
        server: &ServerArgs,
        valuation: Valuation,
        draws: usize,
        question: bool,
        until_pit: bool,
    ) -> anyhow::Result<Self> {
        let Valuation { completer, pit, .. } = valuation;
        let own = MonteCarlo { rollouts: draws, completer, pit, ..MonteCarlo::default() };
        let settings = MonteCarlo { early_stop: until_pit, question, ..own };
        settings.check().map_err(|error| anyhow::anyhow!("--draws: {error}"))?;
        let source = server.source("value", false)?;
        Ok(Self { source, settings, seed: server.seed, grader: Grader::marked(), tried: false })
    }

    /// The evidence on each solution. One that the server withheld a draw from has none: an error that says which.
    pub(crate) fn evidence(
        &mut self,
        solutions: &[Solution],
    ) -> anyhow::Result<Vec<anyhow::Result<Evidence>>> {
        let prompts = prompts(solutions)?;
        self.try_server(solutions)?;
        let policy = Sourced::new(&self.source, &prompts);
        let episodes: Vec<Episode> = solutions.iter().map(|solution| solution.episode.clone()).collect();
        let evidence = self.settings.search(&policy, &self.grader, &episodes, self.seed)?;
        let withheld = policy.withheld();
        let of = |(mut evidence, solution): (Evidence, &Solution)| {
            if !withheld.is_empty() {
                self.given(solution, &withheld)?;
            }
            // What `verify` said stands: it may have used another tolerance.
            evidence.verdict = solution.verdict;
            Ok(evidence)
        };
        Ok(evidence.into_iter().zip(solutions).map(of).collect())
    }

    /// Whether every draw of a solution was given.
    fn given(&self, solution: &Solution, withheld: &HashMap<Key, Withheld>) -> anyhow::Result<()> {
        let Solution { row, episode, .. } = solution;
        for step in 0..episode.steps.len() {
            let mut draws = self.settings.draws(episode, step, self.seed).enumerate();
            let found = draws.find_map(|(rollout, draw)| Some((rollout, withheld.get(&draw.key)?)));
            if let Some((rollout, reason)) = found {
                let (id, sample) = (&row.id, row.sample);
                anyhow::bail!("problem {id}, sample {sample}, step {step}, rollout {rollout}: {reason}");
            }
        }
        Ok(())
    }

    /// Counts of the run.
    pub(crate) fn close(self) {
        self.source.summarize();
    }

    fn try_server(&mut self, solutions: &[Solution]) -> anyhow::Result<()> {
        let chat = |solution: &Solution| matches!(solution.row.prompt, Some(Prompt::Messages(_)));
        if !self.tried && !solutions.is_empty() {
            let any = solutions.iter().any(chat);
            self.source.check_for(if any { Api::Chat } else { Api::Completions }, any)?;
            self.tried = true;
        }
        Ok(())
    }
}

/// The prompts that the samples were drawn with.
fn prompts(solutions: &[Solution]) -> anyhow::Result<Prompts> {
    let mut prompts = Prompts::default();
    for Solution { row, episode, .. } in solutions {
        let named = || format!("problem {}, sample {}", row.id, row.sample);
        let prompt = row.prompt.clone().ok_or_else(|| RowError::missing("prompt")).with_context(named)?;
        let before = prompts.insert(&episode.problem, prompt.clone());
        anyhow::ensure!(
            before.is_none_or(|before| *before == prompt),
            "{}: the same question has another prompt in another row",
            named()
        );
    }
    Ok(prompts)
}
