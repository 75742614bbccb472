//! One call of a figure's program: what its flags ask for.

use crate::board::clock;
use crate::claim::Measured;
use crate::claims_file::{ClaimRow, ClaimsFile};
use crate::collection::Collection;
use crate::configuration::{Configuration, Opening};
use crate::figure::{Drawn, Figure, Results};
use crate::flags::Flags;
use crate::jobs::{Jobs, run_missing};
use crate::preset::Preset;
use crate::provenance::Provenance;
use crate::set::apply_some;
use crate::store::{Records, write_whole};
use crate::watch::{draw_meanwhile, watch};
use crate::{copied, memory};
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::Instant;

/// A figure with its flags, its cells and its folders.
pub(crate) struct Invocation<'a, C: Configuration> {
    figure: &'a Figure<C>,
    collection: Collection,
    flags: Flags<C::Options>,
    seeds: u64,
    place: C::Place,
    /// All cells that were asked for, as the figure plans them; `None` where the place lacks what a cell needs.
    cells: Vec<Option<C>>,
    /// Each of them once.
    unique: Vec<C>,
    records: Records,
    cache: PathBuf,
    /// Where it is drawn.
    dir: PathBuf,
    start: Instant,
}

impl<'a, C: Configuration> Invocation<'a, C> {
    /// What the flags ask for; nothing is run yet.
    ///
    /// # Errors
    /// If a flag has an impossible value.
    pub(crate) fn new(
        figure: &'a Figure<C>,
        collection: Collection,
        flags: Flags<C::Options>,
    ) -> Result<Self> {
        let (start, root, preset) = (Instant::now(), C::root(), flags.preset);
        let cache = flags.cache.clone().unwrap_or_else(|| root.join(".eightfold"));
        let seeds = flags.seeds.unwrap_or(figure.seeds.of(preset));
        if seeds == 0 || flags.jobs == Some(0) {
            bail!("--seeds and --jobs are at least 1");
        }
        let opening = Opening { root: root.clone(), cache: cache.clone(), device: flags.device.clone() };
        let place = C::open(&flags.options, opening)?;
        let cells = planned(figure, &flags, &place, seeds)?;
        let known: Vec<C> = cells.iter().flatten().cloned().collect();
        let known = apply_some(&known, &flags.sets)?;
        let shared = flags.cells.map_or(known.clone(), |share| share.of(&known));
        let mut asked = known.iter().cloned();
        let cells: Vec<Option<C>> =
            cells.iter().map(|cell| cell.as_ref().and_then(|_| asked.next())).collect();
        let elsewhere = C::is_elsewhere(&flags.options);
        let shelf = collection.records(preset, &root, &cache, flags.cache.is_some());
        let shelf = if elsewhere { shelf.elsewhere() } else { shelf };
        let records = Records::on(shelf, figure.name, &known);
        let drawings = collection.drawings(preset, &root);
        let drawings = if elsewhere { drawings.join("elsewhere") } else { drawings };
        let parent = flags.out.clone().unwrap_or(drawings);
        let changed: String =
            flags.sets.iter().map(|set| format!("+{}", set.replace(['/', '\\', ' '], "-"))).collect();
        let dir = parent.join(format!("{}{changed}", figure.name));
        let unique = unique(&shared);
        Ok(Self { figure, collection, flags, seeds, place, cells, unique, records, cache, dir, start })
    }

    /// Lists, watches, runs or draws, as the flags say.
    ///
    /// # Errors
    /// A file that cannot be read or written, a cell that fails.
    pub(crate) fn carry_out(&self) -> Result<()> {
        let name = self.figure.name;
        if self.flags.list {
            return self.list();
        }
        if self.flags.watch {
            let mut redraw = || self.write(&self.results()?).map(drop);
            return watch(name, &self.unique, &self.records, &mut redraw);
        }
        if let Some(id) = &self.flags.cell {
            return self.one(&pick(&self.unique, id)?);
        }
        if !self.flags.no_run {
            self.run_and_draw()?;
        }
        if self.flags.cells.is_some() {
            // What the other parts left: cells of runs that died, or that are slower.
            self.run(&unique(&self.cells.iter().flatten().cloned().collect::<Vec<C>>()))?;
            eprintln!("{name}: all parts are done; run it without --cells to draw");
            return Ok(());
        }
        let results = self.results()?;
        if results.records.is_empty() {
            bail!("no cell of {name} has a record; run it without --no-run");
        }
        for claim in self.write(&results)? {
            println!("{:<9} {}: {}", claim.verdict().to_string(), claim.says, claim.value());
        }
        let time = clock(self.start.elapsed().as_secs_f64());
        let memory = memory::peak().map_or(String::new(), |peak| format!(", at most {} MiB", peak >> 20));
        eprintln!("{name} in {time}{memory}; written to {}", self.dir.display());
        Ok(())
    }

    /// Runs the cells, and draws those that are done meanwhile, but over no committed drawing.
    fn run_and_draw(&self) -> Result<()> {
        let whole = || self.unique.iter().all(|cell| self.records.has(cell));
        if self.flags.cells.is_some() || self.records.are_committed() || whole() {
            return self.run(&self.unique);
        }
        eprintln!("{}: drawn into {} as cells land", self.figure.name, self.dir.display());
        std::thread::scope(|scope| {
            let (running, ended) = channel::<()>();
            scope.spawn(move || {
                let draw = || self.write(&self.results()?).map(drop);
                draw_meanwhile(&self.unique, &self.records, &ended, &draw);
            });
            let run = self.run(&self.unique);
            drop(running);
            run
        })
    }

    fn list(&self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        for cell in &self.unique {
            // A reader that has seen enough, as `head` has, is no failure.
            if writeln!(out, "{}", self.line(cell)?).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// A cell as `--list` shows it.
    fn line(&self, cell: &C) -> Result<String> {
        if self.flags.json {
            return Ok(serde_json::to_string(cell)?);
        }
        let state = match self.records.load(cell)? {
            None => "-",
            Some(record) if record.provenance.is_stale(C::sources()) => "stale",
            Some(_) => "done",
        };
        Ok(format!("{state:<5} {}", cell.id()))
    }

    fn run(&self, cells: &[C]) -> Result<()> {
        let provenance = Provenance::now(&C::root(), &self.flags.device, C::sources());
        if self.flags.preset == Preset::Full && cells.iter().any(|cell| !self.records.has(cell)) {
            self.check_tree(&provenance)?;
            if !self.flags.copied {
                copied::go_on_as_copy(&self.cache.join("bin"), self.figure.name, C::sources())?;
            }
        }
        C::prepare(cells, &self.place)?;
        let jobs = C::jobs(&self.flags.options, self.flags.jobs);
        let (name, preset) = (self.figure.name, self.flags.preset.name());
        eprintln!("{name}: {} cells, preset {preset}, {} at a time", cells.len(), jobs.count);
        self.say_estimate(cells, &jobs);
        self.records.gather()?;
        let run = run_missing(cells, &self.records, &self.place, &provenance, jobs);
        // What is done is kept, whether all went well or not.
        let gathered = self.records.gather();
        if self.flags.copied {
            copied::remove_copy();
        }
        run.and(gathered)
    }

    /// Says how long the cells without a record will take. The smoke preset takes no longer than a calibration.
    fn say_estimate(&self, cells: &[C], jobs: &Jobs) {
        let missing: Vec<C> = cells.iter().filter(|cell| !self.records.has(*cell)).cloned().collect();
        if self.flags.preset == Preset::Smoke || missing.is_empty() {
            return;
        }
        if let Some(seconds) = C::estimate(&missing, &self.place, jobs) {
            eprintln!("{}: about {} on this processor", self.figure.name, clock(seconds));
        }
    }

    /// A full run from a changed tree could not be repeated.
    fn check_tree(&self, provenance: &Provenance) -> Result<()> {
        if provenance.dirty == Some(true) && !self.flags.allow_dirty {
            bail!("the work tree differs from its commit: commit first, or say --allow-dirty");
        }
        Ok(())
    }

    fn one(&self, cell: &C) -> Result<()> {
        self.run(std::slice::from_ref(cell))?;
        let record = self.records.load(cell)?.context("the record was just written")?;
        println!("{}", serde_json::to_string_pretty(&record)?);
        Ok(())
    }

    /// The records at hand.
    fn results(&self) -> Result<Results<C>> {
        let changed = self.flags.sets.clone();
        let mut results = Results::new(self.flags.preset, self.seeds, changed, self.cache.clone());
        if C::is_elsewhere(&self.flags.options) {
            results.elsewhere = C::note(&self.place);
        }
        results.read(&self.cells, &self.records)?;
        Ok(results)
    }

    /// Draws the results into the folder, and gives what was claimed.
    fn write(&self, results: &Results<C>) -> Result<Vec<Measured>> {
        let elsewhere = self.figure.elsewhere.as_ref().filter(|_| !results.elsewhere.is_empty());
        let mut drawn = elsewhere.map_or(self.figure.draw, |elsewhere| elsewhere.draw)(results)?;
        if !results.elsewhere.is_empty() {
            leave_out(&mut drawn);
        }
        warn(&mut drawn, results);
        let name = self.figure.name;
        let scene = drawn.chart.scene().with_context(|| format!("{name} cannot be drawn"))?;
        let file = |ending: &str| self.dir.join(format!("{name}.{ending}"));
        write_whole(&file("csv"), drawn.csv.as_bytes())?;
        write_whole(&file("svg"), scene.svg().as_bytes())?;
        let set: String = results.changed.iter().map(|set| format!(" --set {set}")).collect();
        let recipe = self.collection.recipe(name);
        let claims = ClaimsFile {
            figure: name.into(),
            title: self.figure.title.into(),
            command: format!("just {recipe} --preset {}{set}", results.preset.name()),
            preset: results.preset,
            seeds: results.seeds,
            missing: results.missing,
            caption: drawn.chart.caption.clone(),
            notes: drawn.notes,
            claims: drawn.claims.iter().map(ClaimRow::from).collect(),
        };
        write_whole(&self.dir.join("claims.md"), claims.markdown().as_bytes())?;
        let json = serde_json::to_string_pretty(&claims)? + "\n";
        write_whole(&self.dir.join("claims.json"), json.as_bytes())?;
        Ok(drawn.claims)
    }
}

/// The cells that a figure plans for these flags.
fn planned<C: Configuration>(
    figure: &Figure<C>,
    flags: &Flags<C::Options>,
    place: &C::Place,
    seeds: u64,
) -> Result<Vec<Option<C>>> {
    if !C::is_elsewhere(&flags.options) {
        return Ok((figure.cells)(flags.preset, seeds).into_iter().map(Some).collect());
    }
    if let Some(elsewhere) = &figure.elsewhere {
        let cells = (elsewhere.cells)(place, &flags.options, flags.preset, flags.seeds)?;
        return Ok(cells.into_iter().map(Some).collect());
    }
    let cells = (figure.cells)(flags.preset, seeds);
    let cells: Vec<Option<C>> =
        cells.iter().map(|cell| cell.elsewhere(place, &flags.options, flags.preset)).collect();
    if cells.iter().all(Option::is_none) {
        bail!("{} needs what only the closed worlds have; fig7 runs anywhere", figure.name);
    }
    Ok(cells)
}

/// Leaves out panels without a series and claims without cells, with one sentence.
fn leave_out(drawn: &mut Drawn) {
    let (panels, claims) = (drawn.chart.panels.len(), drawn.claims.len());
    drawn.chart.panels.retain(|panel| !panel.series.is_empty());
    drawn.claims.retain(|claim| claim.interval.is_ok());
    let (panels, claims) = (panels - drawn.chart.panels.len(), claims - drawn.claims.len());
    if panels + claims > 0 {
        drawn.notes.insert(
            0,
            format!(
                "{panels} panels and {claims} claims need what this world does not have, and are left out."
            ),
        );
    }
}

/// Says first what keeps a drawing from being the figure: changes, the smoke preset, missing cells.
fn warn<C: Configuration>(drawn: &mut Drawn, results: &Results<C>) {
    if !results.changed.is_empty() {
        let changed = format!("Changed on the command line: {}.", results.changed.join(", "));
        drawn.chart.caption.insert(0, changed.clone());
        drawn.notes.insert(0, format!("**{changed}**"));
    }
    if results.preset == Preset::Smoke {
        let smoke = "**Smoke preset: it shows that everything runs. Its verdicts mean nothing.**";
        drawn.notes.insert(0, smoke.into());
    }
    if !results.elsewhere.is_empty() {
        drawn.chart.caption.insert(0, results.elsewhere.clone());
    }
    if results.missing > 0 {
        drawn.notes.insert(0, format!("**{} cells have no record yet.**", results.missing));
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

/// The one cell whose id begins so.
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
