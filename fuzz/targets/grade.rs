//! Any two texts are graded, without contradiction and in bounded time.
#![no_main]

use cpu_time::ThreadTime;
use eightfold_fuzz::checks;
use eightfold_verifier::Grader;
use libfuzzer_sys::fuzz_target;
use std::hint::black_box;
use std::time::Duration;

/// Most processor time for one grade. Coverage counters and overflow checks slow it down about five times, so
/// that this stands for the 5 ms that a release build is allowed.
const LIMIT: Duration = Duration::from_millis(25);

fuzz_target!(|input: &[u8]| {
    let input = String::from_utf8_lossy(input);
    let (gold, pred) = checks::pair(&input);
    let grader = Grader::default();
    // The shortest of several runs: the others waited for something.
    let shortest = |run: &dyn Fn()| {
        (0..5)
            .map(|_| {
                let start = ThreadTime::now();
                run();
                start.elapsed()
            })
            .find(|&time| time <= LIMIT)
    };
    let compared = shortest(&|| drop(black_box(grader.compare(gold, pred))));
    assert!(compared.is_some(), "comparing takes too long");
    let graded = shortest(&|| drop(black_box(grader.grade(gold, pred))));
    assert!(graded.is_some(), "grading takes too long");
    checks::grades_agree(gold, pred);
});
