//! Another segmenter: two sentences make a step.

use eightfold_segment::{Lines, Segmenter, Steps};
use eightfold_synth::{Fallback, PairRule, RolloutStore, StoreSettings};
use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
use eightfold_verifier::LexiconAnswer;

struct InTwos<S>(S);

impl<S: Segmenter> Segmenter for InTwos<S> {
    fn segment(&self, text: &str) -> Steps {
        let fine = self.0.segment(text);
        Steps::cut(text, fine.spans().iter().step_by(2).map(|span| span.start))
    }
}

/// Pits and pairs by fine and by coarse steps: coarse ones cost fewer rollouts and place the blame less well.
fn main() -> anyhow::Result<()> {
    let lexicon = Lexicon::new(LexiconConfig::default())?;
    let problems = lexicon.problems(32, 0, "example");
    let policy = Tabular::crowd(&lexicon);
    for segmenter in [&Lines as &dyn Segmenter, &InTwos(Lines)] {
        let settings = StoreSettings::default();
        let store = RolloutStore::build(&settings, &policy, &LexiconAnswer, segmenter, &problems, 0)?;
        let pairs = PairRule::default().pairs(&store, segmenter, &Fallback::new(&[]), 0);
        println!("{} rollouts, {} pairs", store.search_cost().draws, pairs.statistics.pairs);
    }
    Ok(())
}
