//! Writes the report, `paper-figures/index.html`: every figure with what is behind it, in one page.

use anyhow::{Result, bail};
use clap::Parser;
use eightfold_experiments::claims_table::FIGURES;
use eightfold_experiments::figure::Preset;
use eightfold_experiments::pipeline::Cell;
use eightfold_experiments::report::report;
use eightfold_harness::{Collection, Records, Shelf, write_whole};
use std::path::PathBuf;

/// Put all figures, claims and what is behind them into one page of HTML that needs no other file.
#[derive(Parser)]
#[command(name = "report", after_help = "Examples:\n  just report\n  just report --preset quick")]
struct Args {
    /// Of which preset.
    #[arg(long, value_enum, default_value = "full")]
    preset: Preset,
    /// Folder of the figures, in place of paper-figures, or paper-figures/quick for quick and smoke.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Folder of the records, in place of experiments/results, or .eightfold/records for quick and smoke.
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let root = eightfold_experiments::root();
    let dir = args.from.unwrap_or_else(|| Collection::Figures.drawings(args.preset, &root));
    let cache = root.join(".eightfold");
    let shelves = match args.records {
        Some(folder) => vec![Shelf { files: folder.clone(), archive: Some(folder) }],
        None => [Collection::Figures, Collection::Ablations]
            .into_iter()
            .flat_map(|collection| {
                [args.preset, Preset::Quick].map(|preset| collection.records(preset, &root, &cache, false))
            })
            .collect(),
    };
    let records: Vec<Records> =
        shelves.into_iter().map(|shelf| Records::on::<Cell>(shelf, "", &[])).collect();
    if !FIGURES.iter().any(|name| dir.join(name).join("claims.json").exists()) {
        bail!(
            "no figure under {} has claims; draw one first, as by `just fig7 --preset {}`",
            dir.display(),
            args.preset.name()
        );
    }
    let page = report(&dir, &records, args.preset)?;
    let path = dir.join("index.html");
    write_whole(&path, page.as_bytes())?;
    eprintln!("{} kB written to {}", page.len() / 1000, path.display());
    Ok(())
}
