//! One pipeline: methods run on more than one learner, and what cannot be is an error with a type.

use eightfold_experiments::pipeline::{
    Cell, Impossible, LearnerConfig, Method, Metrics, Online, SecondRound, Sign,
};
use eightfold_experiments::place::Place;
use eightfold_experiments::settings::{Recipe, at_preset, cell, online, step_dpo};
use eightfold_harness::Preset;

const PROBLEMS: usize = 16;

struct Bench {
    place: Place,
    _cache: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let cache = tempfile::tempdir().unwrap();
        let place = Place::new(eightfold_experiments::root(), cache.path().into(), "flex").unwrap();
        Self { place, _cache: cache }
    }

    fn run(&self, cell: &Cell) -> anyhow::Result<Metrics> {
        self.place.run(cell, &|_| ())
    }
}

fn small(recipe: Recipe) -> Cell {
    at_preset(cell(recipe, PROBLEMS, 0), Preset::Smoke)
}

fn tabular(recipe: Recipe) -> Cell {
    Cell { learner: LearnerConfig::Table {}, ..small(recipe) }
}

fn second(mut cell: Cell, kind: SecondRound) -> Cell {
    if let Method::Prefer(preferring) = &mut cell.method {
        preferring.second = Some(kind);
    }
    cell
}

#[test]
fn each_kind_of_second_round_pays_for_what_it_draws() {
    let bench = Bench::new();
    for (cell, counts_training) in [(small(step_dpo(PROBLEMS)), true), (tabular(step_dpo(PROBLEMS)), false)] {
        let one = bench.run(&cell).unwrap();
        let [same, redrawn, fresh] = [SecondRound::Same, SecondRound::Redrawn, SecondRound::Fresh]
            .map(|kind| bench.run(&second(cell.clone(), kind)).unwrap());
        let drawn = |m: &Metrics| (m.cost.sampling.verified, m.cost.rollouts.verified);
        assert_eq!(drawn(&same), drawn(&one));
        assert_eq!(same.data.items, one.data.items);
        assert_eq!(redrawn.cost.sampling.verified, one.cost.sampling.verified);
        assert_eq!(fresh.cost.sampling.verified, 2 * one.cost.sampling.verified);
        for again in [&same, &redrawn, &fresh] {
            assert!(!counts_training || again.cost.training.trained > one.cost.training.trained);
            assert_eq!(again.cost.sft.trained, one.cost.sft.trained);
        }
        for asked in [&redrawn, &fresh] {
            assert!(asked.cost.rollouts.verified > one.cost.rollouts.verified);
            assert_ne!(asked.data.pits, one.data.pits, "pits of another policy, or of other samples");
        }
    }
}

#[test]
fn three_rounds_online_each_draw_from_the_last_policy() {
    let bench = Bench::new();
    for of in [small, tabular] {
        let rounds = |rounds| bench.run(&of(online(rounds, 4))).unwrap();
        let (one, three) = (rounds(1), rounds(3));
        assert_eq!(three.cost.sampling.verified, 3 * one.cost.sampling.verified);
        assert!(three.data.items > 0 && one.data.items > 0);
        assert_ne!(three.data.accepted, one.data.accepted, "the third round's samples are others");
        assert_eq!(three, rounds(3).with_seconds_of(&three), "a run may be repeated");
    }
}

/// Wall-clock time is all that two equal runs may differ in.
trait WithSeconds {
    fn with_seconds_of(self, other: &Self) -> Self;
}

impl WithSeconds for Metrics {
    fn with_seconds_of(mut self, other: &Self) -> Self {
        let (mine, theirs) = (&mut self.cost, &other.cost);
        mine.sft.seconds = theirs.sft.seconds;
        mine.sampling.seconds = theirs.sampling.seconds;
        mine.rollouts.seconds = theirs.rollouts.seconds;
        mine.training.seconds = theirs.training.seconds;
        mine.evaluation.seconds = theirs.evaluation.seconds;
        self
    }
}

#[test]
fn what_cannot_be_is_an_error_with_a_type() {
    let bench = Bench::new();
    let error = |cell: &Cell| bench.run(cell).unwrap_err().downcast::<Impossible>().unwrap();

    let mut star = small(step_dpo(PROBLEMS));
    star.world = eightfold_experiments::pipeline::WorldConfig::Star(Default::default());
    assert_eq!(error(&star), Impossible::Pair { world: "star", learner: "network" });

    let Method::Online(rounds) = online(1, 4).method else { panic!("an online method") };
    let mut pushed = tabular(online(1, 4));
    pushed.method = Method::Online(Online { sign: Sign::Negatives, ..rounds });
    let what = "texts of negative weight";
    assert_eq!(error(&pushed), Impossible::Objective { learner: "table", what });

    let mut unsampled = small(online(1, 4));
    unsampled.sampling = None;
    assert_eq!(error(&unsampled), Impossible::Key { method: "online", key: "sampling" });
}
