//! The fused engine against the plain burn modules: the same loss and the same gradients over random sizes,
//! lengths and masks. On another device than `flex` the plain modules there are held to the fused engine here.

mod device;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use device::device;
use eightfold_gpt::{Batch, Engine, Gpt, GptConfig, Segmented, Sequence, SequencePair};
use proptest::prelude::*;
use std::sync::Arc;

struct Flat(GradientsParams, Vec<Vec<f32>>);

impl ModuleVisitor for Flat {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.0.get::<D>(param.id).expect("every parameter has a gradient");
        self.1.push(gradient.into_data().iter::<f32>().collect());
    }
}

/// The weighted sum of the sequences' log-probabilities, each of them, and the gradient of every parameter.
fn run(gpt: &Gpt, engine: Engine, batch: &Arc<Batch>) -> (Vec<f32>, Vec<Vec<f32>>) {
    let gpt = gpt.clone().with_engine(engine);
    let logps = gpt.logps(batch);
    let sums = logps.sums.clone().into_data().iter::<f32>().collect();
    let weights: Vec<f32> = (0..batch.sequences()).map(|i| 0.3 + 0.1 * i as f32).collect();
    let loss = (logps.sums * Tensor::from_data(TensorData::from(&weights[..]), &gpt.device())).sum();
    let mut flat = Flat(GradientsParams::from_grads(loss.backward(), &gpt), Vec::new());
    gpt.visit(&mut flat);
    (sums, flat.1)
}

fn relative(a: &[f32], b: &[f32]) -> f32 {
    let norm = |x: &mut dyn Iterator<Item = f32>| x.map(|x| x * x).sum::<f32>().sqrt();
    norm(&mut a.iter().zip(b).map(|(a, b)| a - b)) / norm(&mut a.iter().copied()).max(1e-6)
}

fn compare(heads: usize, half: usize, layers: usize, seed: u64, batch: Batch) -> Result<(), TestCaseError> {
    let flex = Device::flex();
    flex.seed(seed);
    let config = GptConfig { vocab: 23, context: 80, width: 2 * half * heads, heads, layers };
    // Fresh weights are small; larger ones make attention less even and the comparison sharper.
    let gpt = config.init(&flex, Engine::Plain).map(&mut Larger);
    let on = |device: Device| gpt.clone().to_device(&device.autodiff()).train();
    let batch = Arc::new(batch);
    let (plain, plain_gradients) = run(&on(device()), Engine::Plain, &batch);
    let (fused, fused_gradients) = run(&on(flex), Engine::Fused, &batch);
    prop_assert!(relative(&plain, &fused) < 1e-5, "{plain:?} {fused:?}");
    for (i, (plain, fused)) in plain_gradients.iter().zip(&fused_gradients).enumerate() {
        prop_assert!(relative(plain, fused) < 1e-4, "tensor {i}: {}", relative(plain, fused));
    }
    Ok(())
}

struct Larger;

impl burn::module::ModuleMapper for Larger {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let noise = tensor.random_like(burn::tensor::Distribution::Normal(0.0, 0.02));
            tensor * 3.0 + noise
        })
    }
}

fn tokens(range: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0u32..23, range)
}

// Heads of eight dimensions and more: a norm over two numbers gives plus and minus one whatever they are, so its
// gradient is nothing but rounding.
proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn sequences_agree(
        heads in 1usize..4, half in 4usize..9, layers in 1usize..4, seed: u64,
        rows in prop::collection::vec((tokens(1..30), tokens(0..30)), 1..10),
    ) {
        let rows = rows.into_iter().map(|(prompt, target)| Sequence { prompt, target }).collect();
        compare(heads, half, layers, seed, Batch::new(rows))?;
    }

    #[test]
    fn targets_in_parts_agree(
        heads in 1usize..4, half in 4usize..9, seed: u64,
        rows in prop::collection::vec((tokens(1..20), prop::collection::vec(tokens(0..6), 1..5)), 1..6),
    ) {
        let row = |(prompt, segments)| Segmented { prompt, segments };
        compare(heads, half, 2, seed, Batch::segments(&rows.into_iter().map(row).collect::<Vec<_>>()))?;
    }

    #[test]
    fn pairs_agree_although_they_share_a_prefix(
        heads in 1usize..4, half in 4usize..9, seed: u64,
        rows in prop::collection::vec((tokens(1..30), tokens(0..10), tokens(0..20), tokens(0..20)), 1..8),
    ) {
        let pair = |(prompt, shared, a, b): (Vec<u32>, Vec<u32>, Vec<u32>, Vec<u32>)| SequencePair {
            prompt,
            chosen: [shared.clone(), a].concat(),
            rejected: [shared, b].concat(),
        };
        compare(heads, half, 2, seed, Batch::pairs(&rows.into_iter().map(pair).collect::<Vec<_>>()))?;
    }
}

#[test]
fn results_do_not_depend_on_threads() {
    let device = Device::flex().autodiff();
    device.seed(3);
    let config = GptConfig { vocab: 23, context: 80, width: 32, heads: 4, layers: 2 };
    let gpt = config.init(&device, Engine::Fused);
    let rows = (0..40u32).map(|i| Sequence {
        prompt: (0..20 + i % 7).map(|j| (i + j) % 23).collect(),
        target: (0..15 + i % 11).map(|j| (3 * i + j) % 23).collect(),
    });
    let batch = Arc::new(Batch::new(rows.collect()));
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&gpt, Engine::Fused, &batch))
    };
    assert_eq!(with(1), with(2));
    assert!(gpt.valid().logps(&batch).sums.into_data().iter::<f32>().all(f32::is_finite));
}
