//! How fast answers are graded, on one core: worked solutions, pairs of LaTeX answers, and the worst inputs.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use eightfold_verifier::Grader;
use std::hint::black_box;
use std::path::{Path, PathBuf};

/// Worked solutions: the published ones where `EIGHTFOLD_DATA` is set, else ones written by this function.
fn solutions() -> Vec<(String, String)> {
    let file = std::env::var_os("EIGHTFOLD_DATA").map(PathBuf::from);
    if let Some(text) =
        file.and_then(|f| std::fs::read_to_string(f.join("gsm8k_model_solutions_1000.jsonl")).ok())
    {
        let row = |line: &str| {
            let row: serde_json::Value = serde_json::from_str(line).expect("a row is JSON");
            let field = |key: &str| row[key].as_str().expect("a row has texts").to_owned();
            (field("gold_answer_text"), field("solution"))
        };
        return text.lines().map(row).collect();
    }
    let solution = |k: usize, total: usize| {
        format!(
            "There are {k} boxes with {} pens each, which is {k}*12=<<{k}*12={}>>{} pens.\nShe gives 7 away, so she \
             has {}-7={total} pens left.\nShe is happy with that and buys no more of them today.\n#### {total}",
            12,
            12 * k,
            12 * k,
            12 * k
        )
    };
    (1..1000).map(|k| (solution(k, 12 * k - 7), solution(k, 12 * k - 7 - k % 2))).collect()
}

/// The pairs of the case tables with LaTeX in them.
fn latex_pairs() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/verifier");
    let mut pairs = Vec::new();
    for name in ["numbers", "constants", "algebra", "sets", "tuples", "lists", "units"] {
        let text =
            std::fs::read_to_string(folder.join(name).with_extension("toml")).expect("the table is there");
        let table: toml::Table = toml::from_str(&text).expect("the table is TOML");
        for kind in ["equal", "different"] {
            for pair in table[kind].as_array().into_iter().flatten() {
                let side = |i: usize| pair[i].as_str().expect("a side is text").to_owned();
                pairs.push((side(0), side(1)));
            }
        }
    }
    pairs
}

/// Inputs that cost graders most.
fn worst() -> Vec<(&'static str, String)> {
    vec![
        ("tower", "5^5^5^5^5".to_owned()),
        ("braces", format!("{}1{}", "{".repeat(10_000), "}".repeat(10_000))),
        ("polynomial", (0..9_000).map(|k| format!("{k}x^{k}")).collect::<Vec<_>>().join("+")),
        ("polynomial_6k", (0..600).map(|k| format!("{k}x^{k}")).collect::<Vec<_>>().join("+")),
        ("power", "(x+y+z+w)^{200}".to_owned()),
        ("roots", (2..40).map(|k| format!(r"\sqrt{{{k}}}")).collect::<Vec<_>>().join("+")),
        ("nested", r"\sqrt{2+\sqrt{3+\sqrt{5+\sqrt{7+\sqrt{11}}}}}".to_owned()),
        ("boxes", r"\boxed{".repeat(10_000)),
        ("list", "1,".repeat(9_000)),
        ("factorial", "1000!".to_owned()),
        ("sines", (1..30).map(|k| format!(r"\sin({k}x)")).collect::<Vec<_>>().join("+")),
        ("constants", r"e^{\pi}+\ln(2+\sqrt3)+\arctan(5)+\sin(1)+\pi^{e}".to_owned()),
        ("answers", "the answer is ".repeat(7_000)),
    ]
}

fn grading(c: &mut Criterion) {
    let grader = Grader::default();
    let mut group = c.benchmark_group("verifier");
    let solutions = solutions();
    group.throughput(Throughput::Elements(solutions.len() as u64));
    group.bench_function("worked solutions", |b| {
        b.iter_batched(
            || (),
            |()| {
                solutions
                    .iter()
                    .filter(|(gold, pred)| black_box(grader.grade(gold, pred)).extracted.is_some())
                    .count()
            },
            BatchSize::PerIteration,
        );
    });
    let pairs = latex_pairs();
    group.throughput(Throughput::Elements(pairs.len() as u64));
    group.bench_function("LaTeX pairs", |b| {
        b.iter(|| {
            pairs
                .iter()
                .filter(|(gold, pred)| black_box(grader.compare(gold, pred)).extracted.is_some())
                .count()
        });
    });
    group.finish();
    let mut group = c.benchmark_group("worst");
    group.sample_size(10);
    let roots: String = (2..40).rev().map(|k| format!(r"+\sqrt{{{k}}}")).collect();
    for (name, input) in worst() {
        let other = if name == "roots" { roots.clone() } else { format!("{input}+1") };
        group.bench_function(name, |b| b.iter(|| black_box(grader.compare(&input, &other))));
    }
    group.finish();
}

criterion_group!(benches, grading);
criterion_main!(benches);
