//! Writes the page of all claims, `paper-figures/CLAIMS.md`, from the claims that the figures wrote.

use anyhow::{Result, bail};
use clap::Parser;
use eightfold_experiments::claims_table::ClaimsTable;
use eightfold_experiments::figure::Preset;
use eightfold_harness::Collection;
use eightfold_harness::write_whole;
use std::path::PathBuf;

/// Gather the claims of all figures into one page, corrected for their number.
#[derive(Parser)]
#[command(name = "claims", after_help = "Examples:\n  just claims\n  just claims --preset quick")]
struct Args {
    /// Of which preset.
    #[arg(long, value_enum, default_value = "full")]
    preset: Preset,
    /// Folder of the figures, in place of paper-figures, or paper-figures/quick for quick and smoke.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let root = eightfold_experiments::root();
    let dir = args.from.unwrap_or_else(|| Collection::Figures.drawings(args.preset, &root));
    let table = ClaimsTable::read(&dir, args.preset)?;
    if table.figures.is_empty() {
        bail!(
            "no figure under {} has claims; draw one first, as by `just fig7 --preset {}`",
            dir.display(),
            args.preset.name()
        );
    }
    let page = dir.join("CLAIMS.md");
    write_whole(&page, table.markdown().as_bytes())?;
    for paragraph in table.paragraphs().iter().take(1) {
        println!("{paragraph}");
    }
    if !table.missing.is_empty() {
        println!("Not drawn yet: {}.", table.missing.join(", "));
    }
    eprintln!("written to {}", page.display());
    Ok(())
}
