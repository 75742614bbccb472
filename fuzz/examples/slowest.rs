//! Prints the inputs that take most processor time to grade: the least of five runs of each.
//! Usage: `slowest FOLDER...`.

use cpu_time::ThreadTime;
use eightfold_fuzz::checks::pair;
use eightfold_verifier::Grader;
use std::error::Error;
use std::fs;
use std::hint::black_box;

fn main() -> Result<(), Box<dyn Error>> {
    let grader = Grader::default();
    let mut times = Vec::new();
    for folder in std::env::args_os().skip(1) {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let input = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            let (gold, pred) = pair(&input);
            let least = |run: &dyn Fn()| {
                let time = (0..5).map(|_| {
                    let start = ThreadTime::now();
                    run();
                    start.elapsed()
                });
                time.min().unwrap_or_default()
            };
            let compare = least(&|| drop(black_box(grader.compare(gold, pred))));
            let grade = least(&|| drop(black_box(grader.grade(gold, pred))));
            times.push((compare.max(grade), path, input));
        }
    }
    times.sort();
    for (time, path, input) in times.iter().rev().take(10) {
        println!(
            "{:8.3} ms  {}  {:?}",
            time.as_secs_f64() * 1e3,
            path.display(),
            input.chars().take(120).collect::<String>()
        );
    }
    println!("{} inputs", times.len());
    Ok(())
}
