//! Clipping the joint norm of all gradients.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Scales all gradients by one factor so that their joint norm is at most `largest`. burn's own clipping takes
/// the norm of each tensor by itself.
pub(crate) fn clip<M: Module>(model: &M, gradients: GradientsParams, largest: f64) -> GradientsParams {
    let mut norm = Norm { gradients: &gradients, squares: 0.0 };
    model.visit(&mut norm);
    let size = norm.squares.sqrt();
    if size <= largest {
        return gradients;
    }
    let mut scale = Scale { from: gradients, to: GradientsParams::new(), factor: largest / size };
    model.visit(&mut scale);
    scale.to
}

/// The sum of squares of all gradients.
struct Norm<'a> {
    gradients: &'a GradientsParams,
    squares: f64,
}

impl ModuleVisitor for Norm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let data = gradient.into_data();
            let floats = data.as_slice::<f32>().expect("gradients are f32");
            self.squares += floats.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
        }
    }
}

/// Moves gradients over, scaled.
struct Scale {
    from: GradientsParams,
    to: GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scale {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.from.remove::<D>(param.id) {
            self.to.register(param.id, gradient * self.factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Batch, Engine, Gpt, GptConfig, Sequence};
    use burn::tensor::Device;
    use std::sync::Arc;

    /// All gradients behind one another.
    struct Flat<'a>(&'a GradientsParams, Vec<f32>);

    impl ModuleVisitor for Flat<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).expect("every parameter has a gradient");
            self.1.extend(gradient.into_data().iter::<f32>());
        }
    }

    fn flat(gpt: &Gpt, gradients: &GradientsParams) -> Vec<f32> {
        let mut flat = Flat(gradients, Vec::new());
        gpt.visit(&mut flat);
        flat.1
    }

    #[test]
    fn the_joint_norm_is_scaled_and_the_direction_kept() {
        let config = GptConfig { vocab: 7, context: 8, width: 8, heads: 2, layers: 1 };
        let gpt = config.init(&Device::flex().autodiff(), Engine::Fused);
        let batch = Arc::new(Batch::new(vec![Sequence { prompt: vec![1, 2], target: vec![3, 4] }]));
        let gradients = || GradientsParams::from_grads(gpt.logps(&batch).sums.sum().backward(), &gpt);
        let norm = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        let before = flat(&gpt, &gradients());
        let size = norm(&before);
        assert_eq!(flat(&gpt, &clip(&gpt, gradients(), size * 1.01)), before, "within the bound");
        let after = flat(&gpt, &clip(&gpt, gradients(), size / 4.0));
        assert!((norm(&after) / size - 0.25).abs() < 1e-5);
        for (before, after) in before.iter().zip(&after) {
            assert!((before / 4.0 - after).abs() <= 1e-6 * before.abs(), "{before} became {after}");
        }
    }
}
