//! The losses on tensors, held against the same losses in plain f64 and against TRL's numbers.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use eightfold_loss::{
    ConservativeDpo, Dpo, DpoNll, DpoPositive, Ipo, LengthNormalizedDpo, LogRatio, Logps, PairLogps,
    PreferenceLoss, SimPo, sequence_logps,
};
use eightfold_tests::scalar::{self, Cost, Pair};
use proptest::prelude::*;
use serde::Deserialize;

/// The cost of one pair of a batch.
type Scalar = Box<dyn Fn(&Pair, &[Pair]) -> Cost>;

/// A loss twice: on tensors, and on one pair of a batch in f64.
struct Twin {
    name: &'static str,
    tensor: Box<dyn PreferenceLoss>,
    scalar: Scalar,
}

fn twin<T, S>(name: &'static str, tensor: T, scalar: S) -> Twin
where
    T: PreferenceLoss + 'static,
    S: Fn(&Pair, &[Pair]) -> Cost + 'static,
{
    Twin { name, tensor: Box::new(tensor), scalar: Box::new(scalar) }
}

/// Every loss, by strength `beta` (or tau) and a second parameter in [0, 1].
fn twins(beta: f64, second: f64) -> Vec<Twin> {
    let smoothing = second / 2.0;
    let lambda = 5.0 * second;
    vec![
        twin("dpo", Dpo { beta }, move |p, _| scalar::dpo(p, beta)),
        twin("conservative_dpo", ConservativeDpo { beta, smoothing }, move |p, _| {
            scalar::conservative_dpo(p, beta, smoothing)
        }),
        twin("ipo_sum", Ipo { tau: beta, log_ratio: LogRatio::Sum }, move |p, _| scalar::ipo_sum(p, beta)),
        twin("ipo_mean", Ipo { tau: beta, log_ratio: LogRatio::Mean }, move |p, _| scalar::ipo_mean(p, beta)),
        twin("dpo_positive", DpoPositive { beta, lambda }, move |p, _| scalar::dpo_positive(p, beta, lambda)),
        twin("length_normalized_dpo", LengthNormalizedDpo { beta }, move |p, _| {
            scalar::length_normalized_dpo(p, beta)
        }),
        twin("simpo", SimPo { beta, gamma: second }, move |p, _| scalar::simpo(p, beta, second)),
        twin("dpo_nll", DpoNll { beta, nll: second }, move |p, batch| {
            let likelihood: f64 = batch.iter().map(|q| q.chosen).sum();
            let tokens: f64 = batch.iter().map(|q| q.chosen_tokens).sum();
            scalar::dpo_nll(p, beta, second, likelihood, tokens, batch.len() as f64)
        }),
    ]
}

fn vector(values: Vec<f64>, device: &Device, dtype: DType) -> Tensor<1> {
    let shape = [values.len()];
    Tensor::from_data(TensorData::new(values, shape), (device, dtype))
}

fn numbers(tensor: Tensor<1>) -> Vec<f64> {
    tensor.into_data_as::<f64>().try_to_vec().expect("numbers convert to f64")
}

/// A batch of pairs as tensors.
fn batch(pairs: &[Pair], dtype: DType) -> (PairLogps, PairLogps) {
    let device = Device::flex().autodiff();
    let column = |pick: fn(&Pair) -> f64| vector(pairs.iter().map(pick).collect(), &device, dtype);
    let side = |sums: Tensor<1>, tokens: Tensor<1>| Logps { sums, tokens };
    let tokens = (column(|p| p.chosen_tokens), column(|p| p.rejected_tokens));
    let policy = PairLogps {
        chosen: side(column(|p| p.chosen).require_grad(), tokens.0.clone()),
        rejected: side(column(|p| p.rejected).require_grad(), tokens.1.clone()),
    };
    let reference = PairLogps {
        chosen: side(column(|p| p.reference_chosen), tokens.0),
        rejected: side(column(|p| p.reference_rejected), tokens.1),
    };
    (policy, reference)
}

/// Losses, and gradients of their sum, of a batch in the given precision.
fn on_tensors(loss: &dyn PreferenceLoss, pairs: &[Pair], dtype: DType) -> Vec<Cost> {
    let (policy, reference) = batch(pairs, dtype);
    let losses = loss.forward(&policy, &reference).losses;
    let values = numbers(losses.clone());
    let gradients = losses.sum().backward();
    let of = |leaf: &Tensor<1>| numbers(leaf.grad(&gradients).expect("a leaf has a gradient"));
    let (chosen, rejected) = (of(&policy.chosen.sums), of(&policy.rejected.sums));
    (0..pairs.len()).map(|i| Cost { loss: values[i], chosen: chosen[i], rejected: rejected[i] }).collect()
}

/// The largest difference of two lists of costs, relative for numbers above 1.
fn gap(found: &[Cost], expected: &[Cost]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let parts = |cost: &Cost| [cost.loss, cost.chosen, cost.rejected];
    let each = found.iter().zip(expected).flat_map(|(f, e)| {
        let (f, e) = (parts(f), parts(e));
        (0..3).map(move |i| (f[i] - e[i]).abs() / e[i].abs().max(1.0))
    });
    each.fold(0.0, |worst, gap| if gap.is_nan() { f64::INFINITY } else { worst.max(gap) })
}

fn any_pair() -> impl Strategy<Value = Pair> {
    (prop::array::uniform4(-60.0..0.0f64), 1..60u32, 1..60u32).prop_map(|(sums, chosen, rejected)| Pair {
        // Sums as single precision holds them, so that both precisions see the same pair.
        chosen: f64::from(sums[0] as f32),
        rejected: f64::from(sums[1] as f32),
        reference_chosen: f64::from(sums[2] as f32),
        reference_rejected: f64::from(sums[3] as f32),
        chosen_tokens: f64::from(chosen),
        rejected_tokens: f64::from(rejected),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_loss_is_its_scalar_twin(
        pairs in prop::collection::vec(any_pair(), 1..6), beta in 0.02..1.0f64, second in 0.0..0.9f64,
    ) {
        for twin in twins(beta, second) {
            let expected: Vec<Cost> = pairs.iter().map(|pair| (twin.scalar)(pair, &pairs)).collect();
            let double = gap(&on_tensors(&*twin.tensor, &pairs, DType::F64), &expected);
            prop_assert!(double < 1e-11, "{} in f64: {double:e}", twin.name);
            let single = gap(&on_tensors(&*twin.tensor, &pairs, DType::F32), &expected);
            prop_assert!(single < 1e-5, "{} in f32: {single:e}", twin.name);
        }
    }
}

/// Rewards are what the loss compares: it is a function of their margin.
#[test]
fn every_loss_is_a_function_of_its_rewards() {
    let columns = golden().pairs;
    let pairs = columns.pairs();
    let (beta, second) = (0.3, 0.4);
    for twin in twins(beta, second) {
        let (policy, reference) = batch(&pairs, DType::F64);
        let preference = twin.tensor.forward(&policy, &reference);
        let nll = columns.chosen.iter().sum::<f64>() / columns.chosen_tokens.iter().sum::<f64>();
        let of_margin = |margin: f64| match twin.name {
            "conservative_dpo" => 0.8 * scalar::softplus_neg(margin) + 0.2 * scalar::softplus_neg(-margin),
            "ipo_sum" | "ipo_mean" => ((margin - 0.5) / beta).powi(2),
            "simpo" => scalar::softplus_neg(margin - second),
            "dpo_nll" => scalar::softplus_neg(margin) - second * nll,
            _ => scalar::softplus_neg(margin),
        };
        let margins = numbers(preference.margins());
        for (loss, margin) in numbers(preference.losses.clone()).into_iter().zip(&margins) {
            let expected = of_margin(*margin);
            assert!(
                (loss - expected).abs() <= 1e-11 * expected.max(1.0),
                "{}: {loss}, {expected}",
                twin.name
            );
        }
        let wins = margins.iter().filter(|margin| **margin > 0.0).count() as f64 / margins.len() as f64;
        assert!((numbers(preference.accuracy())[0] - wins).abs() < 1e-15, "{}", twin.name);
    }
}

#[test]
fn every_loss_is_its_scalar_twin_at_extreme_margins_and_log_probabilities() {
    let pair = |sums: [f64; 4]| Pair {
        chosen: sums[0],
        rejected: sums[1],
        reference_chosen: sums[2],
        reference_rejected: sums[3],
        chosen_tokens: 8.0,
        rejected_tokens: 4.0,
    };
    // Margins to ±1e4 by sums to -1e5, each side far below and far above the other and the reference.
    let pairs = [
        pair([-1e5, -1e5, -1e5, -1e5]),
        pair([0.0, -1e5, -5e4, -5e4]),
        pair([-1e5, 0.0, -5e4, -5e4]),
        pair([-1e5, -1e5, 0.0, 0.0]),
        pair([0.0, 0.0, -1e5, 0.0]),
        pair([0.0, 0.0, 0.0, -1e5]),
    ];
    for twin in twins(0.1, 0.5) {
        let expected: Vec<Cost> = pairs.iter().map(|pair| (twin.scalar)(pair, &pairs)).collect();
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-6)] {
            let gap = gap(&on_tensors(&*twin.tensor, &pairs, dtype), &expected);
            assert!(gap < tolerance, "{} in {dtype:?}: {gap:e}", twin.name);
        }
    }
}

/// `cases/trl_losses.json`, as `cases/trl_losses.py` writes it.
#[derive(Deserialize)]
struct Golden {
    pairs: Columns,
    cases: Vec<Case>,
    logits: Vec<Vec<Vec<f64>>>,
    targets: Vec<Vec<i64>>,
    token_logps: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Columns {
    chosen: Vec<f64>,
    rejected: Vec<f64>,
    reference_chosen: Vec<f64>,
    reference_rejected: Vec<f64>,
    chosen_tokens: Vec<f64>,
    rejected_tokens: Vec<f64>,
}

impl Columns {
    fn pairs(&self) -> Vec<Pair> {
        let pair = |i: usize| Pair {
            chosen: self.chosen[i],
            rejected: self.rejected[i],
            reference_chosen: self.reference_chosen[i],
            reference_rejected: self.reference_rejected[i],
            chosen_tokens: self.chosen_tokens[i],
            rejected_tokens: self.rejected_tokens[i],
        };
        (0..self.chosen.len()).map(pair).collect()
    }
}

#[derive(Deserialize)]
struct Case {
    name: String,
    parameters: Vec<f64>,
    losses: Vec<f64>,
    chosen_gradients: Vec<f64>,
    rejected_gradients: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("cases/trl_losses.json")).expect("the golden file parses")
}

#[test]
fn both_implementations_give_the_numbers_of_trl() {
    let golden = golden();
    let pairs = golden.pairs.pairs();
    assert_eq!(golden.cases.len(), 12);
    for case in &golden.cases {
        let beta = case.parameters[0];
        let second = match case.name.as_str() {
            "conservative_dpo" => 2.0 * case.parameters[1],
            _ => case.parameters.get(1).copied().unwrap_or(0.0),
        };
        let twin = twins(beta, second).into_iter().find(|twin| twin.name == case.name).expect("a known loss");
        let expected: Vec<Cost> = (0..pairs.len())
            .map(|i| Cost {
                loss: case.losses[i],
                chosen: case.chosen_gradients[i],
                rejected: case.rejected_gradients[i],
            })
            .collect();
        let ours: Vec<Cost> = pairs.iter().map(|pair| (twin.scalar)(pair, &pairs)).collect();
        assert!(gap(&ours, &expected) < 1e-12, "{} {:?}", case.name, case.parameters);
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-5)] {
            let gap = gap(&on_tensors(&*twin.tensor, &pairs, dtype), &expected);
            assert!(gap < tolerance, "{} {:?} in {dtype:?}: {gap:e}", case.name, case.parameters);
        }
    }
}

#[test]
fn log_probabilities_are_those_of_trl() {
    let golden = golden();
    let device = Device::flex();
    let logits = golden.logits.concat().concat();
    let logits: Tensor<3> = vector(logits, &device, DType::F64).reshape([2, 2, 4]);
    let targets = Tensor::<1, Int>::from_ints(golden.targets.concat().as_slice(), &device).reshape([2, 2]);
    for mask in [[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]] {
        let rows = Tensor::<2>::from_floats([mask, mask], &device);
        let found = numbers(sequence_logps(logits.clone(), targets.clone(), rows).sums);
        for (found, logps) in found.iter().zip(&golden.token_logps) {
            let expected: f64 = logps.iter().zip(mask).map(|(logp, scored)| logp * scored).sum();
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }
}
