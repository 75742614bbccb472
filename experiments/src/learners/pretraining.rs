//! How pretraining looks while it runs: a line for each round, with rate and time left.

use burn::train::LearnerSummary;
use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn::train::metric::MetricDefinition;
use burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation, MetricsRendererTraining,
};
use std::time::Instant;

/// Prints plain lines to standard error. burn-train's own renderer for pipes prints every update; its
/// dashboard needs a terminal and a build with feature `tui`.
pub struct Lines {
    start: Instant,
    rounds: usize,
    first: usize,
    done: usize,
    loss: [String; 2],
}

impl Lines {
    /// A renderer whose clock starts now.
    pub fn new() -> Self {
        Self { start: Instant::now(), rounds: 0, first: 0, done: 0, loss: Default::default() }
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self::new()
    }
}

fn value(state: MetricState) -> Option<String> {
    let MetricState::Numeric(_, Some(number)) = state else { return None };
    Some(format!("{:.4}", number.current()))
}

impl MetricsRendererTraining for Lines {
    fn update_train(&mut self, state: MetricState) {
        self.loss[0] = value(state).unwrap_or_default();
    }

    fn update_valid(&mut self, state: MetricState) {
        self.loss[1] = value(state).unwrap_or_default();
    }

    fn on_train_end(&mut self, _: Option<LearnerSummary>) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }
}

impl TrainingProgressLogger for Lines {
    fn start(&mut self, rounds: usize, first: usize, _: Option<usize>, _: Option<&str>) {
        (self.rounds, self.first, self.start) = (rounds, first, Instant::now());
    }

    fn update_epoch(&mut self, _: usize) {
        self.done += 1;
        let rate = self.start.elapsed().as_secs_f64() / self.done as f64;
        let left = rate * self.rounds.saturating_sub(self.done) as f64;
        let [train, valid] = &self.loss;
        eprintln!(
            "round {}/{}: loss {train}, validation {valid}, {rate:.1} s a round, {left:.0} s left",
            self.done, self.rounds
        );
    }

    fn start_split(&mut self, _: &str, _: usize) {}

    fn update_split(&mut self, _: usize) {}

    fn end_split(&mut self) {}

    fn end(&mut self) {}

    fn log_event_training(&mut self, _: String) {}
}

impl EvaluationProgressLogger for Lines {
    fn start_global_progress(&mut self, _: usize) {}

    fn start_test(&mut self, _: &str, _: usize) {}

    fn update_test_progress(&mut self, _: usize) {}

    fn end_test(&mut self) {}

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _: String) {}
}

impl MetricsRendererEvaluation for Lines {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl MetricsRenderer for Lines {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, _: MetricDefinition) {}
}
