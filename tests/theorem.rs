//! Every identity of the method, tried on many cases. Each law is a test of its own; the ignored test `print_table`
//! runs all and prints how far each was off:
//!
//! ```text
//! cargo test -p eightfold-tests --test theorem -- --ignored --nocapture print_table
//! ```
//!
//! The derivations are in `crates/loss/THEOREM.md`.

mod laws {
    pub(crate) mod accumulation;
    pub(crate) mod best_of_k;
    pub(crate) mod equivalence;
    pub(crate) mod estimates;
    pub(crate) mod first_pit;
    pub(crate) mod ipo;
    pub(crate) mod network;
    pub(crate) mod policy_gradient;
    pub(crate) mod prefix;
    pub(crate) mod reference;
    pub(crate) mod tensors;
    pub(crate) mod weights;
}

use eightfold_tests::law::{Report, table};

/// A test for each law, and the list of all for the table.
macro_rules! laws {
    ($($module:ident: $($law:ident),+;)+) => {
        $(mod $module { $(#[test] fn $law() { crate::laws::$module::$law(); })+ })+

        const LAWS: &[(&str, fn() -> Report)] = &[
            $($((concat!(stringify!($module), "::", stringify!($law)), laws::$module::$law)),+),+
        ];
    };
}

laws! {
    reference:
        an_untrained_policy_pays_ln_2,
        the_first_gradient_is_half_beta_times_the_difference;
    prefix:
        a_difference_of_log_ratios_does_not_see_a_shared_prefix,
        nor_a_constant_added_to_both_references,
        swapping_sides_mirrors_the_margin,
        losses_of_one_side_or_of_length_see_the_prefix,
        and_those_that_read_a_reference_see_the_constant;
    weights:
        weights_of_zero_and_one_are_rft_on_the_kept_rows,
        constant_advantages_scale_or_cancel,
        a_large_beta_is_plain_likelihood,
        a_small_beta_keeps_the_best_steps,
        a_small_beta_with_clipped_weights_is_a_filter;
    accumulation:
        any_split_of_a_batch_gives_its_gradient,
        any_split_of_a_batch_of_pairs_gives_its_gradient,
        the_mean_of_the_parts_means_is_another_gradient;
    ipo:
        the_optimum_of_ipo,
        two_steps_agree_with_dpo_at_the_matched_tau,
        and_to_first_order_at_a_quarter_of_beta,
        with_certain_preferences_the_margin_of_dpo_grows_without_bound,
        and_that_of_ipo_does_not;
    policy_gradient:
        likelihood_weighted_by_its_own_advantage_is_the_policy_gradient,
        best_of_k_advantages_are_at_most_zero_on_average,
        and_below_zero_where_steps_differ,
        so_they_give_another_gradient;
    equivalence:
        per_step_dpo_and_advantage_weighted_rl_have_one_optimum,
        no_gradient_is_left_there_on_whole_sequences,
        a_preference_temperature_divides_the_advantage,
        normalizing_the_chosen_draw_for_each_rejected_step_leads_elsewhere,
        and_so_does_normalizing_the_bare_sigmoid,
        the_readings_differ;
    first_pit:
        enumerated_pairs_lead_to_the_closed_form,
        simulated_pairs_are_the_enumerated_ones,
        and_lead_to_the_closed_form,
        a_pit_that_is_never_chosen_leaves_no_finite_optimum;
    best_of_k:
        the_value_of_the_best_of_k,
        the_value_rises_with_k,
        the_advantage_does_not,
        the_lowest_value_is_the_first_of_k_failures,
        more_rollouts_never_move_the_pit_earlier,
        pits_fall_where_the_law_says;
    estimates:
        advantages_telescope,
        sample_means_and_pass_at_k_are_unbiased,
        and_so_they_are_in_simulation,
        the_plug_in_estimate_is_too_low;
    network:
        dpo_starts_at_ln_2_with_half_the_difference,
        a_shared_prefix_changes_nothing,
        a_batch_in_parts_has_the_gradient_of_the_batch,
        training_reaches_the_closed_form_by_either_loss;
}

/// Total variation between the optima of the three readings of Theorem 6.1.
fn print_readings() {
    println!("Theorem 6.1 read literally: mean total variation to the advantage-weighted policy");
    println!("beta   normalized draw   normalized sigmoid");
    for (beta, draw, sigmoid) in laws::equivalence::readings() {
        println!("{beta:<4}   {draw:<15.3}   {sigmoid:.3}");
    }
}

/// How far first-pit pairs lead from the advantage-weighted policy.
fn print_first_pits() {
    println!("\nFirst-pit pairs: mean total variation of their optimum");
    println!("K   beta   to exp(A/beta)   to the nearest beta   to pi_sft");
    for k in [1, 2, 4, 8] {
        for beta in [0.1, 0.3, 1.0, 3.0, 10.0] {
            let [equal, nearest, moved] = laws::first_pit::distances(k, beta);
            println!("{k}   {beta:<4}   {equal:<14.3}   {nearest:<19.3}   {moved:.3}");
        }
    }
}

#[test]
#[ignore = "prints the table of all laws"]
fn print_table() {
    let rows: Vec<(&str, Report)> = LAWS.iter().map(|(name, law)| (*name, law())).collect();
    println!("\n{}", table(&rows));
    print_readings();
    print_first_pits();
    println!("\nPlug-in estimate of the best of 5 from 5 rollouts: too low by");
    laws::estimates::shortfalls().iter().for_each(|(q, gap)| println!("q = {q:<4}   {gap:.3}"));

    println!();
    let run = laws::network::training_run();
    for (name, (far, leaked)) in
        [("pi_sft", &run.sft), ("per-step DPO", &run.dpo), ("weighted", &run.weighted)]
    {
        let far: Vec<String> = far.iter().map(|tv| format!("{tv:.4}")).collect();
        println!(
            "Network, {name}: total variation at each state {}, leaked at most {leaked:.4}",
            far.join(" ")
        );
    }
}
