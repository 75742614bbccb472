//! The dials of the star graph world.

use serde::{Deserialize, Serialize};

/// Everything that defines a star graph world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StarConfig {
    /// Arms that leave the start, at least 2.
    pub arms: usize,
    /// Nodes of a path, start and goal included, at least 3: with 2 the question would name the answer.
    pub nodes: usize,
    /// Labels to draw from; a graph needs `1 + arms * (nodes - 1)` different ones.
    pub labels: usize,
}

impl Default for StarConfig {
    fn default() -> Self {
        Self { arms: 5, nodes: 3, labels: 20 }
    }
}

impl StarConfig {
    /// Edges of a graph.
    pub fn edges(&self) -> usize {
        self.arms * (self.nodes - 1)
    }

    /// Whether every dial lies in its range.
    ///
    /// # Errors
    /// The first dial that does not.
    pub fn check(&self) -> Result<(), StarConfigError> {
        let at_least = |field, value, least| match value < least {
            true => Err(StarConfigError { field, value, least }),
            false => Ok(()),
        };
        at_least("arms", self.arms, 2)?;
        at_least("nodes", self.nodes, 3)?;
        at_least("labels", self.labels, 1 + self.edges())
    }
}

/// A dial out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("star graph world: `{field}` is {value}, but must be at least {least}")]
pub struct StarConfigError {
    /// The field of [`StarConfig`].
    pub field: &'static str,
    /// The value found.
    pub value: usize,
    /// The least that it may be.
    pub least: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_field() {
        let of = |arms, nodes, labels| StarConfig { arms, nodes, labels }.check().map_err(|e| e.field);
        assert_eq!(of(1, 3, 20), Err("arms"));
        assert_eq!(of(5, 2, 20), Err("nodes"));
        assert_eq!(of(5, 3, 10), Err("labels"));
        assert_eq!(of(5, 3, 11), Ok(()));
        assert_eq!(StarConfig::default().check(), Ok(()));
    }
}
