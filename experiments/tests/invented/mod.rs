//! Invented results of cells: smooth in size, different for each method and seed, and true of nothing.

use eightfold_experiments::pipeline::{
    BaseLikelihood, Cell, Data, Faults, Gain, Gains, Ledger, Metrics, PassAtK, PitAgreement, Pits, Places,
    Probe, Probed, SourceLikelihood, StageCost, TrainingCurve, Worked, WorkedStep,
};
use eightfold_experiments::probe::BINS;
use eightfold_gpt::TrainReport;
use eightfold_synth::StepPairStatistics;

/// A number in [0, 1) that depends on the text alone, and on every letter of it.
fn share(text: &str) -> f64 {
    let hash = text.bytes().fold(7u32, |hash, byte| (hash * 31 + u32::from(byte)) % 1009);
    f64::from(hash) / 1009.0
}

/// Of a cell: errors fall as a power of the size, of its own for each method.
pub(crate) fn metrics(cell: &Cell) -> Metrics {
    let (n, name) = (cell.problems as f64, cell.method.name());
    let world = cell.world.lexicon().map_or(0.0, |world| world.misread[1] + world.side_readings);
    let start = 0.5 + 0.1 * share(name) + 0.05 * world;
    let error = start * (n / 8.0).powf(-0.2 - 0.4 * share(name)) * (1.0 + 0.06 * cell.seed as f64);
    // Whatever else tells two cells apart moves them a little.
    let error =
        error * (1.0 + 0.1 * share(&serde_json::to_string(&(&cell.method, cell.learner.train())).unwrap()));
    let stage = StageCost { trained: cell.problems as u64, flops: 1e9 * n, ..StageCost::default() };
    let pits = StepPairStatistics {
        problems: cell.problems,
        searched: 2 * cell.problems,
        pits: vec![cell.problems / 2, cell.problems, cell.problems / 4],
        pairs: cell.problems + 3,
        ..StepPairStatistics::default()
    };
    Metrics {
        error,
        error_t1: error.sqrt(),
        pass_k: vec![(4, 1.0 - error * error)],
        faults: Some(Faults { reading_accuracy: 1.0 - 0.2 * error, slips: 0.01 }),
        answers: None,
        curve: None,
        data: Data {
            problems: cell.problems,
            refused: 0,
            items: 3 * cell.problems,
            accepted: Some((4 * cell.problems, 10 * cell.problems)),
            pits: Some(pits),
            injected: Some((cell.problems, 4 * cell.problems)),
        },
        cost: Ledger { sft: stage, training: stage, rollouts: stage, ..Ledger::default() },
        training: TrainReport::default(),
        probed: cell.probe.as_ref().map(|probe| probed(probe, cell)),
    }
}

fn probed(probe: &Probe, cell: &Cell) -> Probed {
    let wobble = 0.02 * cell.seed as f64 + 0.05 * share(cell.method.name());
    match probe {
        Probe::Likelihood {} => {
            let updates = cell.learner.sft().map_or(0, |sft| sft.updates(cell.problems)) as f64;
            Probed::Likelihood(BaseLikelihood {
                problems: 10,
                teacher: source(-9.0 - wobble, 0.5, 3),
                own: source(-6.0 - 3.0 * updates / (updates + 8.0) + wobble, 0.3, 5),
            })
        }
        Probe::Pits { rollouts } => Probed::Pits(Box::new(Pits {
            network: places([4, 12, 8, 2], wobble),
            tabular: places([5, 10, 9, 2], 0.0),
            worked: Some(worked(*rollouts)),
        })),
        Probe::PitAgreement {} => {
            Probed::PitAgreement(PitAgreement { searched: 10, same: 8, earlier: 0, later: 2 })
        }
        Probe::PassAtK { problems, .. } => {
            let passed = [1, 2, 4].map(|k| (k, 1.0 - (0.5 - wobble).powi(k as i32)));
            Probed::PassAtK(PassAtK { problems: *problems, passed: passed.into() })
        }
        Probe::Gains(_) => {
            let gain = |q: f64, right: f64| Gain { steps: 40, q: q + wobble, right: right + 2.0 * wobble };
            Probed::Gains(Gains {
                progress: [0.3, 0.4, 0.45, 0.5, 0.6].map(|q| q + wobble),
                critical: gain(0.4, 0.7),
                other: gain(0.5, 0.6),
                critical_marked: gain(0.35, 0.6),
                other_marked: gain(0.45, 0.4),
            })
        }
    }
}

fn source(phrasing: f64, phrased: f64, bin: usize) -> SourceLikelihood {
    let mut histogram = vec![0; BINS.1];
    for (at, count) in [(bin, 2), (bin + 1, 5), (bin + 3, 3)] {
        histogram[at] = count;
    }
    SourceLikelihood {
        phrasing,
        readings: -4.0,
        copying: -1.0,
        tokens: 40.0,
        phrased,
        misread: 0.2,
        histogram,
    }
}

fn places(observed: [usize; 4], wobble: f64) -> Places {
    let count: usize = observed.iter().sum();
    let expected = vec![4.5 + 20.0 * wobble, 11.0, 8.5, 2.0 - 20.0 * wobble];
    Places {
        solutions: count,
        slipped: 1,
        observed: observed.into(),
        variance: expected.iter().map(|e| 0.8 * e).collect(),
        expected,
        first_critical: [count / 2, count / 4, count - count / 2 - count / 4],
        first_critical_expected: [0.5, 0.25, 0.25].map(|share| share * count as f64),
    }
}

fn worked(rollouts: usize) -> Worked {
    let step = |text: &str, exact: f64, reading| WorkedStep {
        text: text.into(),
        exact,
        successes: (0.9 * exact * rollouts as f64) as usize,
        reading,
    };
    Worked {
        question: "Ann is 7 ; Bob blicks Ann ; ? Bob :".into(),
        answer: "9".into(),
        rollouts,
        k: 5,
        start: (0.45, rollouts / 2),
        steps: vec![
            step("Ann is Ann 7 .", 0.5, None),
            step("Cal wugs Ann 7 +1 Cal 8 .", 0.55, Some((false, false))),
            step("Bob blicks Ann 7 +1 Bob 8 .", 0.0, Some((false, true))),
            step("answer Bob 8", 0.0, None),
        ],
        pit: 2,
        pair: None,
    }
}

/// Of a star graph cell: its error falls along training, faster or slower by method.
pub(crate) fn star_metrics(cell: &Cell) -> Metrics {
    let rate = 0.2 + share(&cell.method.label()) + 0.05 * cell.seed as f64;
    let updates = vec![0, 2, 4];
    let along = |from: f64, to: f64| -> Vec<f64> {
        updates.iter().map(|update| to + (from - to) * (-rate * *update as f64 / 4.0).exp()).collect()
    };
    let measures = [
        ("error", along(0.8, 0.2)),
        ("critical", along(0.2, 0.8)),
        ("value", along(0.2, 0.7)),
        ("right_value", along(0.9, 1.0)),
        ("train_nll", along(0.9, 0.05)),
        ("train_value", along(0.3, 0.9)),
    ];
    let measures = measures.into_iter().map(|(name, values)| (name.to_owned(), values)).collect();
    let curve = TrainingCurve { loss: along(0.7, 0.1), updates: updates.clone(), measures };
    let rollouts = StageCost { verified: 100, ..StageCost::default() };
    let cost = Ledger { rollouts, ..Ledger::default() };
    Metrics { curve: Some(curve), cost, ..metrics(cell) }
}
