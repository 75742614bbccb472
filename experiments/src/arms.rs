//! The measured arms of a panel: curves, ratios against SFT, and what is drawn and claimed of them.

use crate::arm::Arm;
use crate::cost::flops_ratio;
use crate::curves::{
    arrow, complete, curve_over, data_ratio, law_ratio, ratio_claim, ratio_of_errors, series,
};
use crate::pipeline::WorldConfig;
use crate::plan::{Groups, Line};
use crate::store::Record;
use crate::theory::tabular_error;
use anyhow::Result;
use eightfold_harness::{Measured, Origin, Side, Table};
use eightfold_plot::{Axis, Panel, Scale, Series};
use eightfold_scaling::{Curve, Ratio};
use eightfold_task::lexicon::LexiconConfig;
use std::path::Path;

/// An arm as it was measured.
pub struct MeasuredArm<'a> {
    /// Which it is.
    pub arm: Arm,
    /// Its records.
    pub records: Vec<&'a Record>,
    /// Its errors, at the sizes that every seed has.
    pub curve: Curve,
}

/// The arms of a panel that have records, over numbers of problems.
pub struct Arms<'a>(Vec<MeasuredArm<'a>>);

impl<'a> Arms<'a> {
    /// The arms of a panel, in their order.
    ///
    /// # Errors
    /// If records contradict each other.
    pub fn new(groups: &Groups<'a>, panel: &'static str, arms: &[Arm]) -> Result<Self> {
        Self::of(arms, |arm| groups.records(Line::Arm { panel, arm }))
    }

    /// The arms of records that have their methods.
    ///
    /// # Errors
    /// If records contradict each other.
    pub fn of_methods(records: &'a [Record], arms: &[Arm]) -> Result<Self> {
        Self::of(arms, |arm| records.iter().filter(|record| arm.is_method_of(&record.cell)).collect())
    }

    fn of(arms: &[Arm], records: impl Fn(Arm) -> Vec<&'a Record>) -> Result<Self> {
        let mut measured = Vec::new();
        for &arm in arms {
            let records = records(arm);
            if let Some(curve) = curve_over(&records, |record| record.cell.problems as f64)? {
                measured.push(MeasuredArm { arm, records, curve: complete(&curve) });
            }
        }
        Ok(Self(measured))
    }

    /// An arm.
    pub fn get(&self, arm: Arm) -> Option<&MeasuredArm<'a>> {
        self.0.iter().find(|measured| measured.arm == arm)
    }

    /// The curve of an arm.
    pub fn curve(&self, arm: Arm) -> Option<&Curve> {
        self.get(arm).map(|measured| &measured.curve)
    }

    /// Seeds of the first arm.
    pub fn seeds(&self) -> usize {
        self.0.first().map_or(0, |arm| arm.curve.seeds().len())
    }

    /// Geometric mean over seeds of an arm's error at a size.
    pub fn error(&self, arm: Arm, n: usize) -> Option<f64> {
        let runs = self.curve(arm)?.runs().iter().filter(|run| run.n == n as f64);
        let logs: Vec<f64> = runs.map(|run| run.error.ln()).collect();
        (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
    }

    /// The errors of some arms at a size in words, as `SFT 0.444; RFT 0.236`.
    pub fn errors(&self, arms: &[Arm], n: usize) -> String {
        let say = |&arm: &Arm| {
            let error = self.error(arm, n).map_or("not measured".into(), |error| format!("{error:.3}"));
            format!("{} {error}", arm.label())
        };
        arms.iter().map(say).collect::<Vec<_>>().join("; ")
    }

    /// The data ratio of an arm to SFT at a size.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn data_ratio(&self, arm: Arm, n: usize) -> Result<Ratio, String> {
        let (Some(sft), Some(curve)) = (self.curve(Arm::Sft), self.curve(arm)) else {
            return Err("cells missing".into());
        };
        data_ratio(sft, curve, n as f64)
    }

    /// The data ratio in words, as `about 3.2 times`.
    pub fn times(&self, arm: Arm, n: usize) -> String {
        match self.data_ratio(arm, n) {
            Ok(Ratio::Value { estimate, .. }) => format!("about {estimate:.1} times"),
            Ok(Ratio::AtLeast { bound, .. }) => format!("more than {bound:.1} times"),
            Ok(Ratio::AtMost { bound, .. }) => format!("less than {bound:.1} times"),
            Ok(Ratio::Undetermined) | Err(_) => "an unmeasured multiple of".into(),
        }
    }

    /// A claim on the data ratio of an arm to SFT.
    pub fn ratio_claim(
        &self,
        says: &'static str,
        origin: Origin,
        side: Side,
        arm: Arm,
        n: usize,
    ) -> Measured {
        ratio_claim(says, origin, side, self.data_ratio(arm, n), n, self.seeds())
    }

    /// A claim that an arm errs less than `other`.
    pub fn below(&self, says: &'static str, origin: Origin, other: Arm, arm: Arm, n: usize) -> Measured {
        let curves = self.curve(other).zip(self.curve(arm));
        ratio_of_errors(says, origin, curves, n as f64, Side::Below(1.0), format!("n = {n}"))
    }

    /// Error against problems, with arrows from some arms to SFT at size `n`. The tabular learner is drawn
    /// behind where a folder for its errors is given.
    ///
    /// # Errors
    /// If a tabular error cannot be computed or kept.
    pub fn panel(&self, title: String, theory: Option<&Path>, arrows: &[Arm], n: usize) -> Result<Panel> {
        let mut all = Vec::new();
        for arm in &self.0 {
            let theory = theory.map_or(Ok(Vec::new()), |cache| tabular_curve(&arm.records, cache))?;
            all.push(Series { theory, ..series(&arm.curve, arm.arm) });
        }
        let sft = self.curve(Arm::Sft);
        let arrows = arrows.iter().filter_map(|&arm| arrow(sft?, self.curve(arm)?, arm, n as f64));
        Ok(Panel {
            title,
            x: Axis { label: "synthetic problems".into(), scale: Scale::Log2, range: None },
            y: Axis { label: "test error (greedy)".into(), scale: Scale::Log10, range: None },
            ratios: arrows.collect(),
            series: all,
            ..Panel::default()
        })
    }

    /// Every arm's ratios to SFT at every size: of data by straight lines and by laws, and of operations.
    pub fn ratio_table(&self, panel: &str) -> String {
        let mut table = Table::default();
        let say = |ratio: Result<Ratio, String>| ratio.map_or_else(|e| e, |r| r.to_string());
        let Some(sft) = self.get(Arm::Sft) else { return String::new() };
        for arm in self.0.iter().filter(|arm| arm.arm != Arm::Sft) {
            for n in arm.curve.sizes() {
                let operations = flops_ratio((&sft.curve, &sft.records), (&arm.curve, &arm.records), n);
                table.row([
                    (panel, arm.arm.label().to_owned()),
                    ("n", n.to_string()),
                    ("data ratio to SFT, law-free", say(data_ratio(&sft.curve, &arm.curve, n))),
                    ("by power laws", say(law_ratio(&sft.curve, &arm.curve, n))),
                    ("ratio of operations, samples and rollouts included", say(operations)),
                ]);
            }
        }
        table.markdown()
    }

    /// The world in a few words.
    pub fn world(&self) -> String {
        let Some(record) = self.0.iter().find_map(|arm| arm.records.first()) else { return String::new() };
        match &record.cell.world {
            WorldConfig::Lexicon(LexiconConfig { misread: [low, high], relations, .. }) => {
                format!("{relations} relation words, misread at rates of {low} to {high}")
            }
            WorldConfig::Star(_) | WorldConfig::Problems(_) => record.cell.world.name().to_owned(),
        }
    }
}

/// The tabular learner's mean error at each size.
fn tabular_curve(records: &[&Record], cache: &Path) -> Result<Vec<(f64, f64)>> {
    let mut points: Vec<(usize, Vec<f64>)> = Vec::new();
    for record in records {
        let Some(error) = tabular_error(&record.cell, cache)? else { continue };
        match points.iter_mut().find(|(n, _)| *n == record.cell.problems) {
            Some((_, errors)) => errors.push(error),
            None => points.push((record.cell.problems, vec![error])),
        }
    }
    points.sort_by_key(|(n, _)| *n);
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    // An error of 0 has no place on a log axis.
    Ok(points.iter().map(|(n, e)| (*n as f64, mean(e))).filter(|(_, e)| *e > 0.0).collect())
}
