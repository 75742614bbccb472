//! Rollouts that are drawn now, from a server, as far as they are needed.

use super::Valuation;
use crate::prepared::Solution;
use crate::server::ServerArgs;
use crate::source::Source;
use anyhow::Context;
use eightfold_advantage::{Episode, Evidence, MonteCarlo};
use eightfold_exchange::{Prompt, RowError};
use eightfold_server::{Api, Prompts};
use eightfold_verifier::Grader;

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
        let source = server.source("value")?;
        Ok(Self { source, settings, seed: server.seed, grader: Grader::marked(), tried: false })
    }

    /// The evidence on each solution.
    pub(crate) fn evidence(&mut self, solutions: &[Solution]) -> anyhow::Result<Vec<Evidence>> {
        let prompts = prompts(solutions)?;
        self.try_server(solutions)?;
        let policy = self.source.policy(&prompts);
        let episodes: Vec<Episode> = solutions.iter().map(|solution| solution.episode.clone()).collect();
        let mut evidence = self.settings.search(&*policy, &self.grader, &episodes, self.seed)?;
        for (evidence, solution) in evidence.iter_mut().zip(solutions) {
            // What `verify` said stands: it may have used another tolerance.
            evidence.verdict = solution.verdict;
        }
        Ok(evidence)
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
