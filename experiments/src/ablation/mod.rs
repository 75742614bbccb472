//! Ablations: one field of figure 7's cells changed, everything else as it is there.
//!
//! An ablation is a [`Figure`] of another collection: it has the same command line, records, claims and files
//! (`just ablate NAME`). What most of them have in common, a few settings of one field for a few arms, is an
//! [`Ablation`]; each has a file of its own, which says what was expected before it was run.

mod beta_nll;
mod completer;
mod copies;
mod distinct;
mod drawing;
mod estimates;
mod pair_rule;
mod pass_k;
mod phase;
mod pit_rule;
mod pit_search;
mod plain;
mod prior;
mod rft_start;
mod second_round;
mod settings;
mod sft_updates;
mod side_branches;
mod truthful;
mod verifier_noise;
mod width;
mod zipf;

pub use drawing::Drawing;
pub use settings::{Ablation, Case, Dial, Expectation, Setting, View};

use crate::figure::Figure;
use crate::plan;

/// An ablation as a figure.
macro_rules! figure {
    ($module:ident) => {
        Figure {
            name: $module::ABLATION.name,
            title: $module::ABLATION.title,
            cells: |preset, seeds| plan::cells($module::ABLATION.plan(preset, seeds)),
            seeds: $module::ABLATION.seeds,
            draw: |results| $module::ABLATION.draw(results),
            elsewhere: None,
        }
    };
}

/// All ablations, in the order in which they are worth running.
pub const ALL: [Figure; 20] = [
    truthful::FIGURE,
    figure!(pit_rule),
    figure!(pair_rule),
    figure!(completer),
    pit_search::FIGURE,
    figure!(beta_nll),
    figure!(plain),
    figure!(verifier_noise),
    phase::FIGURE,
    figure!(second_round),
    figure!(estimates),
    figure!(rft_start),
    figure!(distinct),
    pass_k::FIGURE,
    figure!(copies),
    figure!(sft_updates),
    side_branches::FIGURE,
    figure!(width),
    figure!(zipf),
    figure!(prior),
];

/// The ablation of this name.
///
/// # Errors
/// If there is none; the nearest name is offered.
pub fn find(name: &str) -> anyhow::Result<&'static Figure> {
    if let Some(figure) = ALL.iter().find(|figure| figure.name == name) {
        return Ok(figure);
    }
    let nearest = ALL.iter().min_by_key(|figure| strsim::damerau_levenshtein(name, figure.name));
    let nearest = nearest.map_or("", |figure| figure.name);
    anyhow::bail!("there is no ablation `{name}`; the nearest is `{nearest}`, and `just ablate` lists all")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Preset;

    #[test]
    fn names_are_unique_and_found() {
        for (at, figure) in ALL.iter().enumerate() {
            assert!(ALL[..at].iter().all(|before| before.name != figure.name));
            assert_eq!(find(figure.name).unwrap().title, figure.title);
        }
        let error = find("pit-rules").map(|figure| figure.name).unwrap_err().to_string();
        assert!(error.contains("`pit-rules`") && error.contains("the nearest is `pit-rule`"), "{error}");
    }

    #[test]
    fn one_field_is_changed() {
        let ablations: [&Ablation; 18] = [
            &beta_nll::ABLATION,
            &completer::ABLATION,
            &copies::ABLATION,
            &distinct::ABLATION,
            &estimates::ABLATION,
            &pair_rule::ABLATION,
            &pit_rule::ABLATION,
            &pit_search::ABLATION,
            &plain::ABLATION,
            &prior::ABLATION,
            &rft_start::ABLATION,
            &second_round::ABLATION,
            &sft_updates::ABLATION,
            &side_branches::ABLATION,
            &truthful::ABLATION,
            &verifier_noise::ABLATION,
            &width::ABLATION,
            &zipf::ABLATION,
        ];
        for ablation in ablations {
            settings::tests::one_field(ablation);
        }
    }

    #[test]
    fn cells_of_a_smaller_preset_or_fewer_seeds_are_well_formed() {
        for figure in &ALL {
            let count = |preset, seeds| (figure.cells)(preset, seeds).len();
            assert!(count(Preset::Smoke, 1) > 1 && count(Preset::Smoke, 2) == 2 * count(Preset::Smoke, 1));
            assert!(count(Preset::Quick, 3) >= count(Preset::Smoke, 3), "{}", figure.name);
        }
    }
}
