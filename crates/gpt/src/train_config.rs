//! How to train: how long, on how much at once, at which rate.

use serde::{Deserialize, Serialize};

/// How long to train.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Passes over the data; the last batch of a pass may be short.
    Epochs(usize),
    /// Updates of the weights.
    Updates(usize),
}

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// How long.
    pub budget: Budget,
    /// Examples, or pairs, in an update; at least 1.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f64,
    /// Updates over which the rate rises linearly: the first is made at `1 / warmup` of it.
    pub warmup: usize,
    /// Share of the highest rate that the cosine ends at, in [0, 1].
    pub end: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest norm of the gradient of all weights together.
    pub clip: f64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        let budget = Budget::Epochs(4);
        Self { budget, batch: 32, rate: 3e-3, warmup: 20, end: 0.1, weight_decay: 0.0, clip: 1.0 }
    }
}

impl TrainConfig {
    /// Updates on `items` examples or pairs.
    pub fn updates(&self, items: usize) -> usize {
        match self.budget {
            Budget::Epochs(epochs) => epochs * items.div_ceil(self.batch.max(1)),
            Budget::Updates(updates) => updates,
        }
    }

    /// Learning rate of update `update` of `total`.
    pub fn rate_at(&self, update: usize, total: usize) -> f64 {
        let warm = ((update + 1) as f64 / self.warmup.max(1) as f64).min(1.0);
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * update as f64 / total as f64).cos());
        self.rate * warm * (self.end + (1.0 - self.end) * cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_count_the_short_batch() {
        let config = |budget| TrainConfig { budget, batch: 32, ..TrainConfig::default() };
        assert_eq!(config(Budget::Epochs(3)).updates(64), 6);
        assert_eq!(config(Budget::Epochs(3)).updates(65), 9);
        assert_eq!(config(Budget::Epochs(0)).updates(65), 0);
        assert_eq!(config(Budget::Updates(7)).updates(65), 7);
    }

    #[test]
    fn the_rate_rises_to_the_top_and_falls_to_its_end() {
        let config = TrainConfig { rate: 2.0, warmup: 10, end: 0.25, ..TrainConfig::default() };
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
        // The cosine begins with the first update, so the warm-up multiplies a rate that already falls.
        close(config.rate_at(0, 1000), 0.2);
        let cosine = |t: f64| 0.25 + 0.75 * 0.5 * (1.0 + (std::f64::consts::PI * t).cos());
        close(config.rate_at(4, 1000), 2.0 * 0.5 * cosine(0.004));
        close(config.rate_at(500, 1000), 2.0 * cosine(0.5));
        close(config.rate_at(1000, 1000), 0.5);
        let rates: Vec<f64> = (0..1000).map(|update| config.rate_at(update, 1000)).collect();
        assert!(rates[..10].is_sorted() && rates[10..].is_sorted_by(|a, b| a >= b));
        assert!(rates[999] > 0.5 && rates[999] < 0.501);
    }

    #[test]
    fn no_warmup_starts_at_the_top() {
        let config = TrainConfig { rate: 2.0, warmup: 0, ..TrainConfig::default() };
        assert_eq!(config.rate_at(0, 10), 2.0);
    }

    #[test]
    fn a_config_with_an_unknown_field_is_refused() {
        let text = serde_json::to_string(&TrainConfig::default()).unwrap();
        assert_eq!(serde_json::from_str::<TrainConfig>(&text).unwrap(), TrainConfig::default());
        let error = serde_json::from_str::<TrainConfig>(&text.replace("rate", "speed")).unwrap_err();
        assert!(error.to_string().contains("speed"), "{error}");
    }
}
