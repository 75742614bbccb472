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

    /// The evidence on each solution. One without a prompt, or that the server withheld a draw from, has none: an error
    /// that says why.
    pub(crate) fn evidence(
        &mut self,
        solutions: &[Solution],
    ) -> anyhow::Result<Vec<anyhow::Result<Evidence>>> {
        let (prompts, prompted) = prompts(solutions);
        let asked: Vec<&Solution> =
            solutions.iter().zip(&prompted).filter(|(_, prompt)| prompt.is_ok()).map(|(s, _)| s).collect();
        self.try_server(&asked)?;
        let policy = Sourced::new(&self.source, &prompts);
        let episodes: Vec<Episode> = asked.iter().map(|solution| solution.episode.clone()).collect();
        let found = self.settings.search(&policy, &self.grader, &episodes, self.seed)?;
        let (mut found, withheld) = (found.into_iter(), policy.withheld());
        let of = |(solution, prompted): (&Solution, anyhow::Result<()>)| {
            prompted?;
            let mut evidence = found.next().context("evidence for every solution")?;
            self.given(solution, &withheld)?;
            // What `verify` said stands: it may have used another tolerance.
            evidence.verdict = solution.verdict;
            Ok(evidence)
        };
        Ok(solutions.iter().zip(prompted).map(of).collect())
    }

    /// Whether every draw of a solution was given.
    fn given(&self, solution: &Solution, withheld: &HashMap<Key, Withheld>) -> anyhow::Result<()> {
        if withheld.is_empty() {
            return Ok(());
        }
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

    fn try_server(&mut self, solutions: &[&Solution]) -> anyhow::Result<()> {
        let chat = |solution: &Solution| matches!(solution.row.prompt, Some(Prompt::Messages(_)));
        if !self.tried && !solutions.is_empty() {
            let any = solutions.iter().any(|solution| chat(solution));
            self.source.check_for(if any { Api::Chat } else { Api::Completions }, any)?;
            self.tried = true;
        }
        Ok(())
    }
}

/// The prompts that the samples were drawn with, and for each solution whether it has one that can be used.
fn prompts(solutions: &[Solution]) -> (Prompts, Vec<anyhow::Result<()>>) {
    let mut prompts = Prompts::default();
    let mut insert = |Solution { row, episode, .. }: &Solution| {
        let prompt = row.prompt.clone().ok_or_else(|| RowError::missing("prompt"))?;
        let before = prompts.insert(&episode.problem, prompt.clone());
        if let Some(before) = before.filter(|before| **before != prompt) {
            // The first one stands.
            prompts.insert(&episode.problem, (*before).clone());
            let (id, sample) = (&row.id, row.sample);
            anyhow::bail!(
                "problem {id}, sample {sample}: the same question has another prompt in a row before"
            );
        }
        Ok(())
    };
    let each = solutions.iter().map(&mut insert).collect();
    (prompts, each)
}
