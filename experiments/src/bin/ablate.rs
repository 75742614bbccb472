//! `ablate NAME`: one field of figure 7's cells changed; without a name, the list of what there is.

use anyhow::Result;
use clap::Parser;
use eightfold_experiments::ablation::{self, ALL};
use eightfold_harness::Collection;
use std::ffi::OsString;

/// Ablations: one field changed, everything else as in figure 7. Without a name, lists them; flags after a name are
/// those of every figure.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  just ablate                        what there is\n  just ablate pit-rule               \
                        run and draw one (quick preset)\n  just ablate pit-rule --no-run      redraw from committed \
                        records\n  just ablate pit-rule --help        its flags"
)]
struct Args {
    /// Which one.
    name: Option<String>,
}

fn main() -> Result<()> {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    let named = args.get(1).and_then(|arg| arg.to_str()).filter(|arg| !arg.starts_with('-'));
    if let Some(name) = named {
        let figure = ablation::find(name)?;
        args.remove(1);
        return figure.main_in(Collection::Ablations, args);
    }
    Args::parse();
    let widest = ALL.iter().map(|figure| figure.name.len()).max().unwrap_or(0);
    for figure in &ALL {
        println!("{:<widest$}  {}", figure.name, figure.title);
    }
    Ok(())
}
