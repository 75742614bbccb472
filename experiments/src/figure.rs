//! A figure: its cells, its drawing, its claims, and the command line that all figures share.

use crate::board::clock;
use crate::cell::Cell;
use crate::claim::Measured;
use crate::claims_file::{ClaimRow, ClaimsFile};
use crate::collection::Collection;
use crate::configuration::Configuration;
use crate::jobs::{Jobs, run_missing};
use crate::plot::Chart;
pub use crate::preset::Preset;
use crate::set::apply_some;
use crate::share::Share;
use crate::stages::Workplace;
use crate::store::{Provenance, Record, Records, write_whole};
use crate::watch::watch;
use anyhow::{Context, Result, bail};
use clap::Parser;
use eightfold_gpt::{Engine, device};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

/// What a figure makes of its records.
pub struct Drawn {
    /// The picture.
    pub chart: Chart,
    /// The table, with a header line.
    pub csv: String,
    /// The claims.
    pub claims: Vec<Measured>,
    /// What to know before believing them: paragraphs, tables.
    pub notes: Vec<String>,
}

/// Everything that a figure may draw from.
pub struct Results<C: Configuration = Cell> {
    /// Records of the cells that were run, each once, in the order of the cells.
    pub records: Vec<Record<C>>,
    /// For each cell of the figure, in its order, where its record is among them.
    pub slots: Vec<Option<usize>>,
    /// Cells without a record.
    pub missing: usize,
    /// What was run.
    pub preset: Preset,
    /// For how many seeds.
    pub seeds: u64,
    /// Settings changed on the command line.
    pub changed: Vec<String>,
    /// Folder for what drawing itself computes (theory curves).
    pub cache: PathBuf,
}

/// A figure.
pub struct Figure<C: Configuration = Cell> {
    /// Its name, as `fig7`.
    pub name: &'static str,
    /// What it shows, in one line.
    pub title: &'static str,
    /// The cells of a preset for some seeds.
    pub cells: fn(Preset, u64) -> Vec<C>,
    /// Seeds of the presets smoke, quick and full.
    pub seeds: [u64; 3],
    /// Draws records.
    pub draw: fn(&Results<C>) -> Result<Drawn>,
}

/// Flags of every figure.
#[derive(Parser)]
struct Args {
    /// How much to run: smoke (seconds), quick (minutes) or full (hours).
    #[arg(long, value_enum, default_value = "quick")]
    preset: Preset,
    /// Draw the records at hand; run nothing.
    #[arg(long)]
    no_run: bool,
    /// Run nothing, and draw the records at hand anew as they land, until all are there.
    #[arg(long, conflicts_with_all = ["no_run", "list", "cell", "cells"])]
    watch: bool,
    /// List the cells and whether they are done.
    #[arg(long)]
    list: bool,
    /// With --list: each cell whole, as one line of JSON.
    #[arg(long, requires = "list")]
    json: bool,
    /// Run one cell, named by its id or the beginning of it, and print its record.
    #[arg(long, value_name = "ID")]
    cell: Option<String>,
    /// Seeds, from 0.
    #[arg(long)]
    seeds: Option<u64>,
    /// Run one part of the cells, as in 2/4, and draw nothing: several machines or array tasks that share the
    /// folders (--cache, or for full the work tree) do all of them together.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["no_run", "cell"])]
    cells: Option<Share>,
    /// Cells at a time, one thread each; the number of cores without it.
    #[arg(long)]
    jobs: Option<usize>,
    /// Device: flex, or tch and tch-cuda in builds with feature tch.
    #[arg(long, default_value = "flex")]
    device: String,
    /// Change one field of every cell that has it, as in sft.batch=64; may be repeated. The result is
    /// marked as changed and drawn into a folder of its own.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Folder of checkpoints, rollouts and quick records.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Folder to draw into, in place of paper-figures.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl<C: Configuration<Place = Workplace>> Figure<C> {
    /// The whole program: runs the missing cells, then writes table, pictures and claims.
    ///
    /// # Errors
    /// Bad flags, a file that cannot be read or written, a cell that fails. A claim that fails is a finding
    /// and no error.
    pub fn main(&self) -> Result<()> {
        self.main_in(Collection::Figures, std::env::args_os())
    }

    /// The same for a figure of a collection, with the arguments of the command line, the program's name first.
    ///
    /// # Errors
    /// As [`Figure::main`].
    pub fn main_in(&self, collection: Collection, args: impl IntoIterator<Item = OsString>) -> Result<()> {
        let start = Instant::now();
        let args = parse(self, collection, args);
        let root = crate::root();
        let cache = args.cache.clone().unwrap_or_else(|| root.join(".eightfold"));
        let seeds = args.seeds.unwrap_or(self.seeds[args.preset as usize]);
        if seeds == 0 || args.jobs == Some(0) {
            bail!("--seeds and --jobs are at least 1");
        }
        let cells = apply_some(&(self.cells)(args.preset, seeds), &args.sets)?;
        let records = Records::new(collection.records(args.preset, &root, &cache, args.cache.is_some()));
        let cells = match args.cells {
            Some(share) => share.of(&cells),
            None => cells,
        };
        let unique = unique(&cells);
        if args.list {
            return list(&unique, &records, args.json);
        }
        let dir = self.folder(collection, &args);
        let results = || {
            let mut results = Results::new(args.preset, seeds, args.sets.clone(), cache.clone());
            results.read(&cells, &records)?;
            anyhow::Ok(results)
        };
        if args.watch {
            return watch(self.name, &unique, &records, &mut || {
                self.write(collection, &results()?, &dir).map(drop)
            });
        }
        let engine = if args.device == "flex" { Engine::Fused } else { Engine::Plain };
        let place = Workplace::new(root.clone(), cache.clone(), device(&args.device)?, engine);
        if let Some(id) = &args.cell {
            return self.one(&pick(&unique, id)?, &records, &place, &args);
        }
        if !args.no_run {
            self.run(&unique, &records, &place, &args)?;
        }
        if args.cells.is_some() {
            eprintln!("{}: this part is done; run it without --cells to draw", self.name);
            return Ok(());
        }
        let results = results()?;
        if results.records.is_empty() {
            bail!("no cell of {} has a record; run it without --no-run", self.name);
        }
        for claim in self.write(collection, &results, &dir)? {
            println!("{:<9} {}: {}", claim.verdict().to_string(), claim.says, claim.value());
        }
        let time = clock(start.elapsed().as_secs_f64());
        let memory =
            crate::memory::peak().map_or(String::new(), |peak| format!(", at most {} MiB", peak >> 20));
        eprintln!("{} in {time}{memory}; written to {}", self.name, dir.display());
        Ok(())
    }

    /// Where the figure is drawn.
    fn folder(&self, collection: Collection, args: &Args) -> PathBuf {
        let parent = args.out.clone().unwrap_or_else(|| collection.drawings(args.preset, &crate::root()));
        let changed: String =
            args.sets.iter().map(|set| format!("+{}", set.replace(['/', '\\', ' '], "-"))).collect();
        parent.join(format!("{}{changed}", self.name))
    }

    fn run(&self, cells: &[C], records: &Records, place: &Workplace, args: &Args) -> Result<()> {
        C::prepare(cells, place)?;
        let jobs = args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let provenance = Provenance::now(&place.root, &args.device);
        let done = cells.len();
        eprintln!("{}: {done} cells, preset {}, {jobs} at a time", self.name, args.preset.name());
        run_missing(cells, records, place, &provenance, Jobs { count: jobs, threads: 1 })
    }

    fn one(&self, cell: &C, records: &Records, place: &Workplace, args: &Args) -> Result<()> {
        self.run(std::slice::from_ref(cell), records, place, args)?;
        let record = records.load(cell)?.context("the record was just written")?;
        println!("{}", serde_json::to_string_pretty(&record)?);
        Ok(())
    }

    /// Draws the results into a folder, and gives what was claimed.
    fn write(
        &self,
        collection: Collection,
        results: &Results<C>,
        dir: &std::path::Path,
    ) -> Result<Vec<Measured>> {
        let mut drawn = (self.draw)(results)?;
        if !results.changed.is_empty() {
            let changed = format!("Changed on the command line: {}.", results.changed.join(", "));
            drawn.chart.caption.insert(0, changed.clone());
            drawn.notes.insert(0, format!("**{changed}**"));
        }
        if results.preset == Preset::Smoke {
            drawn.notes.insert(
                0,
                "**Smoke preset: it shows that everything runs. Its verdicts mean nothing.**".into(),
            );
        }
        if results.missing > 0 {
            drawn.notes.insert(0, format!("**{} cells have no record yet.**", results.missing));
        }
        let scene = drawn.chart.scene().with_context(|| format!("{} cannot be drawn", self.name))?;
        let file = |ending: &str| dir.join(format!("{}.{ending}", self.name));
        write_whole(&file("csv"), drawn.csv.as_bytes())?;
        write_whole(&file("svg"), scene.svg().as_bytes())?;
        write_whole(&file("png"), &scene.png(2.0)?)?;
        let set: String = results.changed.iter().map(|set| format!(" --set {set}")).collect();
        let claims = ClaimsFile {
            figure: self.name.into(),
            title: self.title.into(),
            command: format!("just {} --preset {}{set}", collection.recipe(self.name), results.preset.name()),
            seeds: results.seeds,
            missing: results.missing,
            caption: drawn.chart.caption.clone(),
            notes: drawn.notes,
            claims: drawn.claims.iter().map(ClaimRow::from).collect(),
        };
        write_whole(&dir.join("claims.md"), claims.markdown().as_bytes())?;
        write_whole(&dir.join("claims.json"), (serde_json::to_string_pretty(&claims)? + "\n").as_bytes())?;
        Ok(drawn.claims)
    }
}

impl<C: Configuration> Results<C> {
    fn new(preset: Preset, seeds: u64, changed: Vec<String>, cache: PathBuf) -> Self {
        Self { records: Vec::new(), slots: Vec::new(), missing: 0, preset, seeds, changed, cache }
    }

    /// Reads the records of the cells, each once.
    fn read(&mut self, cells: &[C], records: &Records) -> Result<()> {
        for (at, cell) in cells.iter().enumerate() {
            let slot = match cells[..at].iter().position(|before| before == cell) {
                Some(before) => self.slots[before],
                None => match records.load(cell)? {
                    Some(record) => {
                        self.records.push(record);
                        Some(self.records.len() - 1)
                    }
                    None => {
                        self.missing += 1;
                        None
                    }
                },
            };
            self.slots.push(slot);
        }
        Ok(())
    }
}

/// The cells, each once: a cell may stand in several panels.
fn unique<C: Configuration>(cells: &[C]) -> Vec<C> {
    let mut unique: Vec<C> = Vec::with_capacity(cells.len());
    for cell in cells {
        if !unique.contains(cell) {
            unique.push(cell.clone());
        }
    }
    unique
}

fn parse<C: Configuration>(
    figure: &Figure<C>,
    collection: Collection,
    args: impl IntoIterator<Item = OsString>,
) -> Args {
    use clap::{CommandFactory, FromArgMatches};
    let examples = format!(
        "Examples:\n  just {0}                                 the quick preset\n  just {0} --preset full --jobs 2          the evidence\n  just {0} --set {1}   one field changed\n  just {0} --preset full --no-run          redraw from committed records",
        collection.recipe(figure.name),
        C::SET
    );
    let command = Args::command().name(figure.name).about(figure.title).after_help(examples);
    Args::from_arg_matches(&command.get_matches_from(args)).unwrap_or_else(|error| error.exit())
}

fn list<C: Configuration>(cells: &[C], records: &Records, json: bool) -> Result<()> {
    for cell in cells {
        if json {
            println!("{}", serde_json::to_string(cell)?);
            continue;
        }
        let state = if records.load(cell)?.is_some() { "done" } else { "-" };
        println!("{state:<5} {}", cell.id());
    }
    Ok(())
}

fn pick<C: Configuration>(cells: &[C], id: &str) -> Result<C> {
    let matching: Vec<&C> = cells.iter().filter(|cell| cell.id().starts_with(id)).collect();
    match matching[..] {
        [cell] => Ok(cell.clone()),
        [] => {
            let ids: Vec<String> = cells.iter().map(C::id).collect();
            let nearest = ids.iter().min_by_key(|other| strsim::damerau_levenshtein(id, other));
            bail!("--cell: no cell is named `{id}`; the nearest is `{}`", nearest.map_or("", String::as_str))
        }
        _ => bail!("--cell: {} cells begin with `{id}`; --list names them", matching.len()),
    }
}
