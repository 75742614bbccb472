//! The star graph experiment (figure 10): its cells, settings and curves.

pub mod claims;
pub mod curves;
pub mod plan;
pub mod settings;
