//! `RESULTS.md`.

use crate::outcome::{Compiled, Outcome, Ratio, TOLERANCE};
use crate::rows::{ROWS, Row};
use crate::side::Measured;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

/// Where and with what a run was made.
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    commit: String,
    rustc: String,
    device: String,
    /// Versions of the sides.
    pub(crate) versions: String,
    /// Peak floating-point operations a second by threads.
    pub(crate) peaks: BTreeMap<usize, f64>,
}

impl Machine {
    /// This machine; what cannot be found out is said to be unknown.
    pub(crate) fn here(device: &str) -> Self {
        let first = |program: &str, args: &[&str]| {
            let output = Command::new(program).args(args).output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            text.lines().next().map(str::to_owned)
        };
        let unknown = || "unknown".to_owned();
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let field = |name: &str| {
            let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let processor = field("model name").map(|model| {
            let widest = if cpuinfo.contains("avx512f") { "AVX-512" } else { "no AVX-512" };
            format!("{model} (family {}, {widest})", field("cpu family").unwrap_or_else(unknown))
        });
        Self {
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            processor: processor.unwrap_or_else(unknown),
            commit: first("git", &["describe", "--always", "--dirty"]).unwrap_or_else(unknown),
            rustc: first("rustc", &["--version"]).unwrap_or_else(unknown),
            device: device.to_owned(),
            versions: String::new(),
            peaks: BTreeMap::new(),
        }
    }
}

fn wall(measured: &Measured) -> Option<f64> {
    Some(measured.wall)
}

fn cpu(measured: &Measured) -> Option<f64> {
    measured.cpu
}

/// The page.
pub(crate) fn render(machine: &Machine, outcomes: &[Outcome], rounds: u16) -> String {
    let mut page = format!(
        "<!-- Written by `just bench-torch`; changes by hand are lost. -->\n\n# This engine and PyTorch on the same \
         cores\n\n{}\n",
        conditions(machine, outcomes, rounds)
    );
    page += &ratios(outcomes);
    page += &rates(machine, outcomes);
    let compiled = outcomes.iter().any(|outcome| outcome.compiled.is_some());
    if compiled {
        page += &compiles(outcomes);
    }
    page += &bounds(machine, outcomes);
    page
}

fn conditions(machine: &Machine, outcomes: &[Outcome], rounds: u16) -> String {
    let Machine { cores, processor, commit, rustc, device, versions, .. } = machine;
    let peaks: Vec<String> = machine
        .peaks
        .iter()
        .map(|(threads, peak)| format!("{:.0} GFLOP/s on {}", peak / 1e9, counted(*threads)))
        .collect();
    let alone = outcomes.iter().all(|outcome| outcome.eager.is_empty());
    format!(
        "Machine: {cores} cores, {processor}. Peak, measured with chains of f32 fused multiply-adds in registers: {}. \
         {}Commit {commit}, {rustc}, device `{device}`; {versions}. Rerun: `just bench-torch`.\n\n{}",
        peaks.join(", "),
        quiet(outcomes),
        if alone { String::new() } else { method(rounds) }
    )
}

/// How much of the time the processes had a core to themselves.
fn quiet(outcomes: &[Outcome]) -> String {
    let single = outcomes.iter().filter(|outcome| outcome.threads == 1);
    let all: Vec<&Measured> =
        single.flat_map(|outcome| outcome.engine.iter().chain(&outcome.eager)).collect();
    let wall: f64 = all.iter().map(|measured| measured.wall).sum();
    match all.iter().map(|measured| measured.cpu).sum::<Option<f64>>() {
        Some(cpu) if wall > 0.0 && cpu < 0.95 * wall => format!(
            "**The machine was busy with other work**: on one thread the processes ran {:.0} % of the time, so \
             wall times mean little and those of two threads nothing. ",
            100.0 * cpu / wall
        ),
        Some(cpu) if wall > 0.0 => {
            format!(
                "On one thread the processes ran {:.0} % of the time: the machine was quiet. ",
                100.0 * cpu / wall
            )
        }
        _ => String::new(),
    }
}

fn method(rounds: u16) -> String {
    format!(
        "Same networks, weights and batches. Both sides are processes that are asked in turn, {rounds} rounds, who goes \
         first alternating. Milliseconds and ratios are medians of the rounds by wall time, brackets the lowest and \
         highest ratio of a round; *cpu* is the ratio of processor time. *Differs* is the largest relative difference of \
         what must agree; above {TOLERANCE:e} a row does not count.\n\n\
         - **Train step**: loss, gradient, clipping of the global norm, AdamW, from fresh weights; lexicon stories, or \
         made-up words. PyTorch is eager f32 with `scaled_dot_product_attention`, fused AdamW, and rows padded to the \
         longest of the batch beforehand; packing is in the engine's time. Compared: the loss after 20 updates.\n\
         - **Preference step**: DPO with likelihood of the chosen side on pairs at the first pit, from the base \
         checkpoint. PyTorch as TRL does it: both rows in full in one padded batch, the reference's forward pass in every \
         step. The engine computes the reference once for a training set; here it is paid as if every pair were used \
         once. Compared: the loss after 20 updates.\n\
         - **New tokens**: prompts of 8 words, temperature 1, no text ends. PyTorch in inference mode over a preallocated \
         cache, `multinomial` on the logits. Turning text into tokens and back is in the engine's time. Compared: \
         log-probabilities of given texts, in PyTorch read through its cache.\n\
         - **Rollouts**: `generate` of transformers on the same network (a `PreTrainedModel` with a `DynamicCache`), \
         prompts sorted by length, padded on the left, 32 at a time with 5 completions each. Compared: log-probabilities \
         of given solutions, and greedy completions of 64 prompts.\n"
    )
}

fn counted(threads: usize) -> String {
    if threads == 1 { "1 thread".into() } else { format!("{threads} threads") }
}

fn row_of(outcome: &Outcome) -> &'static Row {
    ROWS.iter().find(|row| row.name == outcome.row).expect("outcomes are of rows")
}

fn milliseconds(seconds: Option<f64>) -> String {
    seconds.map_or("-".into(), |seconds| match 1e3 * seconds {
        ms if ms < 100.0 => format!("{ms:.1}"),
        ms => format!("{ms:.0}"),
    })
}

fn bracketed(ratio: Option<Ratio>) -> String {
    ratio.map_or("-".into(), |r| format!("{:.2} ({:.2} to {:.2})", r.median, r.lowest, r.highest))
}

/// Whether the goal is reached, or why the row does not count.
fn verdict(outcome: &Outcome) -> String {
    let goal = row_of(outcome).goal;
    match (outcome.agreement, outcome.ratio(&outcome.eager, wall)) {
        (Some(agreement), _) if !agreement.holds() => "does not count".into(),
        (_, Some(ratio)) if ratio.median >= goal => format!("{goal:.1}, met"),
        (_, Some(_)) => format!("{goal:.1}, missed"),
        _ => format!("{goal:.1}"),
    }
}

fn differs(outcome: &Outcome) -> String {
    outcome.agreement.map_or("-".into(), |agreement| match agreement.texts {
        (_, 0) => format!("{:.0e}", agreement.relative),
        (same, all) => format!("{:.0e}; {same} of {all} texts equal", agreement.relative),
    })
}

fn ratios(outcomes: &[Outcome]) -> String {
    let mut table = String::from(
        "\n## Ratios\n\n| what | threads | engine ms | PyTorch ms | ratio (spread) | goal | cpu | differs |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for outcome in outcomes {
        let processor = outcome.ratio(&outcome.eager, cpu).map_or("-".into(), |r| format!("{:.2}", r.median));
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {processor} | {} |",
            row_of(outcome).says,
            outcome.threads,
            milliseconds(outcome.step(&outcome.engine, wall)),
            milliseconds(outcome.step(&outcome.eager, wall)),
            bracketed(outcome.ratio(&outcome.eager, wall)),
            verdict(outcome),
            differs(outcome),
        )
        .expect("strings take what is written");
    }
    table
}

fn rates(machine: &Machine, outcomes: &[Outcome]) -> String {
    let mut table = String::from(
        "\n## Rates\n\nTokens of texts without padding; in a pair both sides in full, when sampling the new ones. Share \
         of peak: the floating-point operations that the result needs (no padding, what is shared once) over time and \
         peak.\n\n\
         | what | threads | engine tokens/s | PyTorch tokens/s | engine, share of peak | PyTorch, share of peak |\n\
         |---|---|---|---|---|---|\n",
    );
    for outcome in outcomes {
        let peak = machine.peaks.get(&outcome.threads);
        let rate = |side: &[Measured]| outcome.rate(side).map_or("-".into(), |rate| format!("{rate:.0}"));
        let share = |side: &[Measured]| {
            let share = outcome.flops_rate(side).zip(peak).map(|(rate, peak)| 100.0 * rate / peak);
            share.map_or("-".into(), |share| format!("{share:.0} %"))
        };
        let (engine, eager) = (&outcome.engine, &outcome.eager);
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} |",
            row_of(outcome).says,
            outcome.threads,
            rate(engine),
            rate(eager),
            share(engine),
            share(eager)
        )
        .expect("strings take what is written");
    }
    table
}

fn compiles(outcomes: &[Outcome]) -> String {
    let mut table = String::from(
        "\n## torch.compile\n\nTrain steps alone. *First* is the time until a process has compiled and done its first \
         updates, which finds in PyTorch's cache what an earlier run compiled.\n\n\
         | what | threads | first, s | ms | engine against it (spread) |\n|---|---|---|---|---|\n",
    );
    for outcome in outcomes {
        let Some(compiled) = &outcome.compiled else { continue };
        let what = format!("| {} | {}", row_of(outcome).says, outcome.threads);
        match compiled {
            Compiled::Ran { first, rounds } => {
                let (step, ratio) = (outcome.step(rounds, wall), outcome.ratio(rounds, wall));
                writeln!(table, "{what} | {first:.0} | {} | {} |", milliseconds(step), bracketed(ratio))
            }
            Compiled::Failed(why) => writeln!(table, "{what} | {why} | - | - |"),
        }
        .expect("strings take what is written");
    }
    table
}

/// A sentence a row, from shares that were measured.
fn bounds(machine: &Machine, outcomes: &[Outcome]) -> String {
    let mut list = String::from(
        "\n## What bounds each row\n\nParts of the engine by samples of its processor time on one thread (Linux \
         `perf`, one more round), named by file of `crates/gpt/src/fused`.\n\n",
    );
    for outcome in outcomes.iter().filter(|outcome| outcome.threads == outcomes[0].threads) {
        let mut sentence = format!("- {}: ", row_of(outcome).says);
        let shares: Vec<String> = outcome
            .profile
            .iter()
            .take_while(|(_, share)| *share >= 0.03)
            .map(|(part, share)| format!("{part} {:.0} %", 100.0 * share))
            .collect();
        sentence += &if shares.is_empty() { "not profiled".into() } else { shares.join(", ") };
        let share = outcome.flops_rate(&outcome.engine).zip(machine.peaks.get(&outcome.threads));
        if let Some((rate, peak)) = share {
            write!(sentence, "; at {:.0} % of peak", 100.0 * rate / peak).expect("as above");
        }
        sentence += &scaling(outcomes, outcome);
        list += &(sentence + ".\n");
    }
    list
}

/// What the second thread brings to each side.
fn scaling(outcomes: &[Outcome], one: &Outcome) -> String {
    let two = outcomes.iter().find(|o| o.row == one.row && (one.threads, o.threads) == (1, 2));
    let gain =
        |two: &Outcome, side: fn(&Outcome) -> &[Measured]| Some(two.rate(side(two))? / one.rate(side(one))?);
    match two.map(|two| (gain(two, |o| &o.engine), gain(two, |o| &o.eager))) {
        Some((Some(engine), Some(eager))) => {
            format!("; a second thread makes it {engine:.2} times as fast, PyTorch {eager:.2} times")
        }
        _ => String::new(),
    }
}

/// A row in one line, for whoever waits.
pub(crate) fn line(row: &Row, outcome: &Outcome) -> String {
    format!(
        "{}, {}: {} ms, PyTorch {} ms, ratio {}, goal {}, differs by {}",
        row.name,
        counted(outcome.threads),
        milliseconds(outcome.step(&outcome.engine, wall)),
        milliseconds(outcome.step(&outcome.eager, wall)),
        bracketed(outcome.ratio(&outcome.eager, wall)),
        verdict(outcome),
        differs(outcome)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::tests::outcome;
    use crate::outcome::{Agreement, Compiled};

    fn page(outcomes: &[Outcome]) -> String {
        let peaks = BTreeMap::from([(1, 1e10)]);
        let machine = Machine { peaks, versions: "torch 9".into(), ..Machine::here("flex") };
        render(&machine, outcomes, 3)
    }

    #[test]
    fn the_page_says_what_was_measured() {
        let mut row = outcome(&[1.0, 2.0, 4.0], &[4.0, 3.0, 8.0]);
        row.profile = vec![("matmul".into(), 0.8), ("burn".into(), 0.01)];
        row.compiled = Some(Compiled::Ran { first: 61.4, rounds: row.engine.clone() });
        let page = page(&[row]);
        let what = "train step, width 128, 4 layers, 64 x 128 tokens";
        for line in [
            &format!("| {what} | 1 | 500 | 1000 | 2.00 (1.50 to 4.00) | 1.5, met | 2.00 | 1e-6 |"),
            &format!("| {what} | 1 | 500 | 250 | 5 % | 2 % |"),
            &format!("| {what} | 1 | 61 | 500 | 1.00 (1.00 to 1.00) |"),
            &format!("- {what}: matmul 80 %; at 5 % of peak."),
            "torch 9",
            "10 GFLOP/s on 1 thread",
        ] {
            assert!(page.contains(line), "{line}\n{page}");
        }
    }

    #[test]
    fn a_row_whose_losses_differ_does_not_count() {
        let mut row = outcome(&[1.0], &[9.0]);
        row.agreement = Some(Agreement { relative: 2e-4, texts: (0, 0) });
        assert!(page(&[row]).contains("| does not count | 9.00 | 2e-4 |"));
    }

    #[test]
    fn the_engine_alone_has_no_ratio() {
        let mut row = outcome(&[1.0], &[]);
        row.agreement = None;
        row.compiled = Some(Compiled::Failed("it has not answered in 240 s".into()));
        let page = page(&[row]);
        assert!(page.contains("| 1 | 250 | - | - | 1.5 | - | - |"), "{page}");
        assert!(page.contains("| it has not answered in 240 s | - | - |"), "{page}");
    }
}
