//! The harness: cells, records, figures and claims.
//!
//! A [`pipeline::Cell`] is one [`eightfold_harness::Configuration`] as plain data; [`pipeline::run()`] turns it into
//! [`pipeline::Metrics`], and is the only place in which the data side and the network side meet; [`store::Records`] keeps one file for each
//! finished cell; a [`figure::Figure`] names cells, draws their records and measures what the paper claims.
//! Each figure is a binary in `src/bin`.

pub mod ablation;
pub mod arm;
pub mod arms;
pub mod caption;
pub mod claims_page;
pub mod claims_table;
pub mod copies;
pub mod cost;
pub mod csv;
pub mod curves;
mod estimate;
pub mod figure;
pub mod learners;
pub mod options;
#[cfg(feature = "models")]
pub mod outside;
pub mod paired;
pub mod pipeline;
pub mod place;
pub mod plan;
pub mod probe;
pub mod probed_csv;
#[cfg(feature = "models")]
pub mod processbench;
pub mod report;
pub mod settings;
pub mod stargraph;
pub mod store;
pub mod sweep;
pub mod theory;
pub mod tuning;
pub mod worlds;

/// The root of the repository that this package was built from, or the current folder where that is gone.
pub fn root() -> std::path::PathBuf {
    let built = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(std::path::Path::to_path_buf);
    built.filter(|root| root.join("Cargo.toml").exists()).unwrap_or_else(|| ".".into())
}
