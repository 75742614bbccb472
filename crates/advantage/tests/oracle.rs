//! Monte-Carlo estimates against the exact values of a tabular policy.

use eightfold_advantage::{
    AdvantageEstimator, Completer, Cost, Episode, Evidence, Exact, MonteCarlo, MonteCarloEstimator, Order,
    PitRule, pit_law,
};
use eightfold_segment::Lines;
use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
use eightfold_task::{Completion, Draw, Key, Policy, PolicyError, Problem};
use eightfold_verifier::{LexiconAnswer, Verifier};
use std::cell::Cell;

fn world() -> Lexicon {
    Lexicon::new(LexiconConfig { relations: 12, ..Default::default() }).unwrap()
}

/// A sample of the policy for each of `n` problems.
fn episodes(policy: &Tabular<'_>, n: usize, seed: u64) -> Vec<Episode> {
    let problems = policy.lexicon().problems(n, seed, "oracle");
    let draw =
        |p: &Problem| Draw { prompt: p.prompt(), key: Key::new(seed, "episode").with_text(&p.question) };
    let completions = policy.complete(&problems.iter().map(draw).collect::<Vec<_>>()).unwrap();
    let pairs = problems.into_iter().zip(completions);
    pairs.map(|(problem, completion)| Episode::new(problem, &completion.text, &Lines)).collect()
}

fn wrong(episodes: Vec<Episode>) -> Vec<Episode> {
    let is_wrong = |e: &Episode| !LexiconAnswer.verify(&e.problem, e.steps.text()).is_correct();
    episodes.into_iter().filter(is_wrong).collect()
}

/// A policy that counts its calls and draws.
struct Counting<'a> {
    policy: &'a dyn Policy,
    calls: Cell<u64>,
    draws: Cell<u64>,
}

impl Policy for Counting<'_> {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        self.calls.set(self.calls.get() + 1);
        self.draws.set(self.draws.get() + draws.len() as u64);
        self.policy.complete(draws)
    }
}

#[test]
fn estimates_converge_to_the_exact_values() {
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let episodes = episodes(&policy, 6, 0);
    let one = Completer::BestOf { k: 1 };
    let exact = Exact { policy: &policy, completer: one }.estimate(&episodes).unwrap();
    let n = 1500;
    let settings = MonteCarlo { rollouts: n, completer: one, question: true, ..Default::default() };
    let estimator = MonteCarloEstimator { settings, policy: &policy, verifier: &LexiconAnswer, seed: 1 };
    let estimated = estimator.estimate(&episodes).unwrap();
    let mut inner = 0;
    for (exact, estimated) in exact.iter().zip(&estimated) {
        assert_eq!(exact.len(), estimated.len());
        let pairs = exact.steps().iter().zip(estimated.steps());
        let question = (exact.question().unwrap(), estimated.question().unwrap());
        for (q, estimate) in pairs.map(|(q, e)| (*q, *e)).chain([question]) {
            let error = (q * (1.0 - q) / n as f64).sqrt();
            assert!((estimate - q).abs() <= 4.0 * error + 1e-9, "{estimate} for {q}");
            inner += usize::from(q > 0.01 && q < 0.99);
        }
        assert_eq!(exact.q(exact.len() - 1), estimated.q(exact.len() - 1), "the last value is the verdict");
    }
    assert!(inner >= 15, "only {inner} values were open");
}

#[test]
fn best_of_k_estimates_are_unbiased() {
    // 8 draws estimate a best-of-5 value; their mean over many seeds is the exact one.
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let episodes = wrong(episodes(&policy, 12, 3));
    let completer = Completer::BestOf { k: 5 };
    let exact = Exact { policy: &policy, completer }.estimate(&episodes).unwrap();
    let settings = MonteCarlo { rollouts: 8, completer, ..Default::default() };
    let runs = 300;
    let mut sums: Vec<Vec<f64>> = exact.iter().map(|values| vec![0.0; values.len()]).collect();
    for seed in 0..runs {
        let estimator = MonteCarloEstimator { settings, policy: &policy, verifier: &LexiconAnswer, seed };
        for (sums, values) in sums.iter_mut().zip(estimator.estimate(&episodes).unwrap()) {
            sums.iter_mut().zip(values.steps()).for_each(|(sum, q)| *sum += q);
        }
    }
    for (sums, values) in sums.iter().zip(&exact) {
        for (sum, q) in sums.iter().zip(values.steps()) {
            // An estimate in [0, 1] with mean q has a variance of at most q (1 - q).
            let error = (q * (1.0 - q) / runs as f64).sqrt();
            assert!((sum / runs as f64 - q).abs() <= 4.0 * error + 1e-9, "{} for {q}", sum / runs as f64);
        }
    }
}

#[test]
fn pits_fall_where_the_law_says() {
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let k = 3;
    let settings = MonteCarlo {
        rollouts: k,
        completer: Completer::BestOf { k },
        pit: PitRule::AllFail { k },
        ..Default::default()
    };
    let one = Completer::BestOf { k: 1 };
    let exact = Exact { policy: &policy, completer: one };
    let (runs, mut spread) = (600, 0);
    for episode in wrong(episodes(&policy, 10, 5)) {
        let q = exact.estimate(std::slice::from_ref(&episode)).unwrap()[0].steps().to_vec();
        let law = pit_law(&q, k);
        let mut counts = vec![0.0; law.len()];
        for seed in 0..runs {
            let evidence =
                settings.search(&policy, &LexiconAnswer, std::slice::from_ref(&episode), seed).unwrap();
            counts[settings.pit.first_pit(&evidence[0], settings.completer).unwrap()] += 1.0;
        }
        let (mut chi2, mut cells) = (0.0, 0);
        for (count, p) in counts.iter().zip(&law) {
            let expected = runs as f64 * p;
            assert!(expected > 1e-9 || *count == 0.0, "a pit where none can be: {counts:?} {law:?}");
            if expected >= 5.0 {
                chi2 += (count - expected).powi(2) / expected;
                cells += 1;
            }
        }
        // 99.99 % of chi-square with up to 7 degrees of freedom lies below 30.
        assert!(chi2 < 30.0, "{counts:?} against {law:?}");
        spread += usize::from(cells >= 2);
    }
    assert!(spread >= 3, "only {spread} solutions had more than one likely pit");
}

#[test]
fn early_stop_saves_draws_and_changes_no_pit() {
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let episodes = episodes(&policy, 60, 7);
    for pit in [PitRule::LowestQ, PitRule::AllFail { k: 4 }, PitRule::AdvantageBelow { t: -0.3 }] {
        let full = MonteCarlo { rollouts: 6, pit, early_stop: false, ..Default::default() };
        let early = MonteCarlo { early_stop: true, ..full };
        let search = |settings: MonteCarlo| settings.search(&policy, &LexiconAnswer, &episodes, 2).unwrap();
        let (full_evidence, early_evidence) = (search(full), search(early));
        let mut found = 0;
        for (full_one, early_one) in full_evidence.iter().zip(&early_evidence) {
            let find = |evidence| pit.first_pit(evidence, full.completer);
            assert_eq!(find(full_one), find(early_one));
            assert_eq!(full_one.steps[..early_one.steps.len()], early_one.steps);
            found += usize::from(find(full_one).is_some());
        }
        assert!(found > 10, "{pit:?} found {found}");
        let draws = |evidence: &[Evidence]| evidence.iter().map(Evidence::cost).sum::<Cost>().draws;
        assert!(draws(&early_evidence) < draws(&full_evidence));
    }
}

#[test]
fn evidence_does_not_depend_on_other_episodes() {
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let episodes = episodes(&policy, 9, 11);
    let settings = MonteCarlo { question: true, ..Default::default() };
    let all = settings.search(&policy, &LexiconAnswer, &episodes, 4).unwrap();
    for (i, episode) in episodes.iter().enumerate() {
        let alone = settings.search(&policy, &LexiconAnswer, std::slice::from_ref(episode), 4).unwrap();
        assert_eq!(alone[0], all[i]);
    }
}

#[test]
fn a_round_is_one_call_and_the_cost_is_what_was_drawn() {
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let episodes = episodes(&policy, 20, 13);
    // No advantage is that low, so that no pit is ever settled and even early stop goes to the end.
    let pit = PitRule::AdvantageBelow { t: -2.0 };
    let early = MonteCarlo { pit, early_stop: true, ..Default::default() };
    let counting = Counting { policy: &policy, calls: Cell::new(0), draws: Cell::new(0) };
    let in_rounds = early.search(&counting, &LexiconAnswer, &episodes, 0).unwrap();
    let longest = episodes.iter().map(|e| e.steps.len()).max().unwrap() as u64;
    assert_eq!(counting.calls.get(), longest, "the question, and each step but the last");

    let counting = Counting { policy: &policy, calls: Cell::new(0), draws: Cell::new(0) };
    let settings = MonteCarlo { early_stop: false, ..early };
    let evidence = settings.search(&counting, &LexiconAnswer, &episodes, 0).unwrap();
    assert_eq!(counting.calls.get(), 1, "without early stop there is nothing to wait for");
    assert_eq!(evidence, in_rounds);
    let cost: Cost = evidence.iter().map(Evidence::cost).sum();
    assert_eq!(cost.draws, counting.draws.get());
    // The question and every step but the last.
    let prefixes: usize = episodes.iter().map(|e| e.steps.len()).sum();
    assert_eq!(cost.draws, 5 * prefixes as u64);
    assert!(cost.tokens > cost.draws);
}

#[test]
fn too_few_draws_are_refused() {
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let search =
        |settings: MonteCarlo| settings.search(&policy, &LexiconAnswer, &[], 0).unwrap_err().to_string();
    let few = MonteCarlo { rollouts: 4, ..Default::default() };
    assert!(search(few).contains("`rollouts` is 4") && search(few).contains("at least 5"));
    let rule = MonteCarlo { pit: PitRule::AllFail { k: 9 }, ..Default::default() };
    assert!(search(rule).contains("at least 9"));
    assert!(search(MonteCarlo { completer: Completer::BestOf { k: 0 }, ..few }).contains("at least 1"));
}

#[test]
fn edges_of_solutions_need_no_rollouts() {
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let problem = Problem::new("Ann is 7 ; ? Ann :", "Ann 7");
    let episodes: Vec<Episode> =
        ["", "answer Ann 6", "answer Ann 7"].map(|text| Episode::new(problem.clone(), text, &Lines)).into();
    let settings = MonteCarlo { pit: PitRule::AllFail { k: 5 }, ..Default::default() };
    let evidence = settings.search(&policy, &LexiconAnswer, &episodes, 0).unwrap();
    let pits: Vec<_> = evidence.iter().map(|e| settings.pit.first_pit(e, settings.completer)).collect();
    assert_eq!(pits, [None, Some(0), None]);
    assert!(evidence.iter().all(|e| e.cost() == Cost::default()));
}

#[test]
fn short_searches_find_borders_of_the_full_one_with_fewer_draws() {
    let lexicon = world();
    let policy = Tabular::crowd(&lexicon);
    let episodes = wrong(episodes(&policy, 80, 7));
    let early = MonteCarlo::default();
    let search = |settings: MonteCarlo| {
        let evidence = settings.search(&policy, &LexiconAnswer, &episodes, 2).unwrap();
        let draws = evidence.iter().map(|evidence| evidence.cost().draws).sum::<u64>();
        let pits: Vec<usize> = evidence.iter().map(|one| settings.first_pit(one).unwrap()).collect();
        (evidence, pits, draws)
    };
    let (full, first, all) = search(early.in_full());
    let (_, same, stopped) = search(early);
    assert_eq!(first, same);

    let sequential = MonteCarlo { sequential: true, ..early };
    let (one_by_one, pits, fewer) = search(sequential);
    assert_eq!(pits, first, "drawing one at a time changes no pit");
    for (full, part) in full.iter().zip(&one_by_one) {
        for (full, part) in full.steps.iter().zip(&part.steps) {
            let until = full.draws.iter().position(Option::is_some).map_or(full.draws.len(), |at| at + 1);
            assert_eq!(part.draws, full.draws[..until]);
        }
    }

    let alive = |evidence: &Evidence, steps: usize| steps == 0 || evidence.steps[steps - 1].successes() > 0;
    let (mut moved, mut repaired) = (0, 0);
    let bisection = MonteCarlo { order: Order::Bisection, ..early };
    for settings in [bisection, MonteCarlo { sequential: true, ..bisection }] {
        let (evidence, pits, draws) = search(settings);
        // Not always fewer than with early stop: where pits come early, asking from the front is short too.
        assert!(draws < all, "{draws} of {all}");
        for ((full, (pit, first)), part) in full.iter().zip(pits.iter().zip(&first)).zip(&evidence) {
            assert!(alive(full, *pit) && (pit + 1 == full.len || !alive(full, pit + 1)));
            assert!(*pit == 0 || part.steps[pit - 1].successes() > 0, "a pair can be made at every pit");
            // The first dead prefix is followed by dead ones alone: then there is one border.
            let falls = (first + 1..full.len).all(|steps| !alive(full, steps));
            assert!(!falls || pit == first);
            (moved, repaired) = (moved + usize::from(pit != first), repaired + usize::from(!falls));
        }
    }
    assert!(fewer < stopped && stopped < all, "{fewer} {stopped} {all}");
    assert!(repaired > 0 && moved <= repaired, "{moved} of {repaired}");
}

#[test]
fn short_searches_are_refused_where_more_than_a_pit_is_asked() {
    let short = MonteCarlo { sequential: true, ..MonteCarlo::default() };
    assert!(short.check().is_ok() && MonteCarlo { pit: PitRule::AllFail { k: 5 }, ..short }.check().is_ok());
    let refused = [
        MonteCarlo { pit: PitRule::AllFail { k: 4 }, ..short },
        MonteCarlo { pit: PitRule::AdvantageBelow { t: -0.5 }, ..short },
        MonteCarlo { early_stop: false, ..short },
        MonteCarlo { question: true, ..short },
        MonteCarlo { order: Order::Bisection, question: true, ..MonteCarlo::default() },
    ];
    for settings in refused {
        let error = settings.check().unwrap_err().to_string();
        assert!(error.contains("`sequential`"), "{settings:?}: {error}");
        assert!(settings.in_full().check().is_ok());
    }
}
