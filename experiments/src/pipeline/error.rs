//! Worlds, learners and methods that do not go together.

/// A cell that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// A method asks for what the world does not have.
    #[error("the world `{world}` has no {what}, which the method `{method}` needs")]
    World {
        /// Name of the world.
        world: &'static str,
        /// Name of the method.
        method: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// A learner cannot be trained so.
    #[error("the learner `{learner}` does not train on {what}")]
    Objective {
        /// Name of the learner.
        learner: &'static str,
        /// What it was asked to train on.
        what: &'static str,
    },
    /// A world and a learner that cannot read each other.
    #[error("the learner `{learner}` cannot read the world `{world}`")]
    Pair {
        /// Name of the world.
        world: &'static str,
        /// Name of the learner.
        learner: &'static str,
    },
    /// A probe asks for what the learner or the world does not have.
    #[error("this probe needs {what}, which `{holder}` does not have")]
    Probe {
        /// What is missing.
        what: &'static str,
        /// Name of the world or the learner.
        holder: &'static str,
    },
    /// Parts of a method that contradict each other.
    #[error("{what}")]
    Method {
        /// What, in words.
        what: &'static str,
    },
    /// A field that is missing.
    #[error("a cell of method `{method}` needs the key `{key}`")]
    Key {
        /// Name of the method.
        method: &'static str,
        /// The key.
        key: &'static str,
    },
}
