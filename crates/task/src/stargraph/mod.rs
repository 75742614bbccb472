//! The star graph world: a path-finding puzzle in which one node decides everything.
//!
//! ```text
//! question   9 2 ; 4 17 ; 4 9 ; 17 5 ? 4 2
//! solution   9 .
//!            2
//! ```
//!
//! Arms of equal length leave one start; the question lists their edges in random order and asks for the path
//! from the start to the end of one arm. Labels are drawn anew for every graph. Once on an arm, each next node
//! is a look-up of the edge that leaves the last one; only the first node after the start, the *critical*
//! one, needs the goal: the arm has to be found from its far end. A solution is right if it is the path, node
//! by node, so a wrong first node cannot be repaired and its value is 0 under every completer
//! ([`StarGraph::value`]).
//!
//! Source: Bachmann and Nagarajan 2024 (arXiv 2403.06963) for the task; Setlur et al. 2024 for its use here.
//!
//! ```
//! use eightfold_task::stargraph::{StarConfig, StarGraph};
//!
//! let world = StarConfig::default();
//! let graph = StarGraph::draw(&world, &mut eightfold_task::stream(0, "example"));
//! assert_eq!(graph.edges().len(), 10);
//! assert_eq!(StarGraph::parse(&graph.question())?, graph);
//! // A policy that knows the arm but not its end: right in one of four cases from any prefix of one node.
//! let even = |_: &[usize], _: usize| 0.25;
//! assert_eq!(graph.value(&graph.path()[..1], &even), 0.25);
//! # Ok::<(), eightfold_task::stargraph::StarGraphError>(())
//! ```

mod config;
mod graph;
mod stories;
mod text;

pub use config::{StarConfig, StarConfigError};
pub use graph::{Label, StarGraph};
pub use stories::{look_up, walk};
pub use text::{StarGraphError, vocabulary};
