//! `eightfold fit`, from the outside.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file that is removed when the test ends.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        // Tests run at once in one process: each file is its own.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("eightfold-fit-{process}-{count}-{name}"));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn fit(file: &File, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eightfold"))
        .arg("fit")
        .arg(&file.0)
        .args(arguments.split_whitespace())
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// E 1.8, A 400, B 2000, alpha 0.35, beta 0.37, and some rows that are to be left out.
fn chinchilla() -> File {
    let mut text = String::from("params,tokens,loss,kept\n");
    for i in 0..8 {
        for j in 0..8 {
            let (n, d) = (1e7 * 3f64.powi(i), 1e9 * 2.5f64.powi(j));
            let loss = 1.8 + 400.0 * n.powf(-0.35) + 2000.0 * d.powf(-0.37);
            text += &format!("{n},{d},{loss},1\n");
        }
    }
    text += "1e7,1e9,99,0\n";
    File::new("chinchilla.csv", &text)
}

/// Two methods of three seeds; `rft` does with n what `sft` does with 4 n.
fn methods() -> File {
    let mut text = String::from("method,n,seed,error\n");
    for k in 6..13 {
        let n = 2f64.powi(k);
        for seed in 0..3 {
            let luck = 1.0 + 0.05 * f64::from(seed);
            text += &format!("sft,{n},{seed},{}\n", luck * n.powf(-0.3));
            text += &format!("rft,{n},{seed},{}\n", luck * (4.0 * n).powf(-0.3));
        }
    }
    File::new("methods.csv", &text)
}

#[test]
fn planted_chinchilla_parameters_come_back() {
    let file = chinchilla();
    let arguments = "--law chinchilla --x params,tokens --y loss --where kept=1 --bootstrap 40 --json";
    let found = json(&fit(&file, arguments));
    for (name, planted) in [("E", 1.8), ("A", 400.0), ("B", 2000.0), ("alpha", 0.35), ("beta", 0.37)] {
        let value = found["params"][name].as_f64().unwrap();
        assert!((value / planted - 1.0).abs() < 1e-3, "{found:#}");
        assert_eq!(found["intervals"][name].as_array().unwrap().len(), 2);
    }
    assert_eq!(found["points"], 64);
    assert!(found["objective"].as_f64().unwrap() < 1e-9 && found["seconds"].as_f64().unwrap() > 0.0);
    assert!(found["starts"]["near_best"].as_u64().unwrap() > 0);
    assert_eq!(found["weak"].as_array().unwrap().len(), 0);
}

#[test]
fn groups_are_compared_with_the_baseline() {
    let file = methods();
    let svg = File::new("methods.svg", "");
    let arguments = format!(
        "--group method --baseline sft --cluster seed --errors 0.15,0.18 --json --bootstrap 100 --plot {}",
        svg.0.display()
    );
    let found = json(&fit(&file, &arguments));
    assert!((found["groups"]["sft"]["params"]["a"].as_f64().unwrap() - 0.3).abs() < 1e-3);
    let ratios = found["ratios"].as_array().unwrap();
    assert_eq!(ratios.len(), 8);
    let first = &ratios[0];
    for reading in ["law", "isotonic", "isotonic_t"] {
        assert!((first[reading]["value"]["estimate"].as_f64().unwrap() - 4.0).abs() < 1e-6, "{first:#}");
    }
    // With 4,096 problems rft is below all that sft was seen to reach; its own size is the bound.
    assert!((ratios[6]["isotonic"]["at_least"]["bound"].as_f64().unwrap() - 1.0).abs() < 1e-9);
    assert!(ratios[7]["at"]["errors"].is_array());
    let drawn = std::fs::read_to_string(&svg.0).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>\n"));
    for word in ["4.0x", "sft: ", "rft: "] {
        assert!(drawn.contains(word), "{word}");
    }
}

#[test]
fn ratios_of_compute_are_those_of_data_where_costs_are_alike_and_shrink_by_the_extra_cost() {
    // A problem costs rft three times what it costs sft: a data ratio of 4 is a compute ratio of 4/3.
    let mut text = String::from("method,n,seed,error,flops\n");
    for k in 6..13 {
        let n = 2f64.powi(k);
        for seed in 0..3 {
            let luck = 1.0 + 0.05 * f64::from(seed);
            text += &format!("sft,{n},{seed},{},{}\n", luck * n.powf(-0.3), 1e9 * n);
            text += &format!("rft,{n},{seed},{},{}\n", luck * (4.0 * n).powf(-0.3), 3e9 * n);
        }
    }
    let file = File::new("costs.csv", &text);
    let arguments = "--group method --baseline sft --cluster seed --cost flops --bootstrap 100";
    let found = json(&fit(&file, &format!("{arguments} --json")));
    let ratio = found["ratios"][0]["law"]["value"]["estimate"].as_f64().unwrap();
    assert!((ratio - 4.0 / 3.0).abs() < 1e-6, "{found:#}");
    assert_eq!(found["ratios_of"], "flops");
    let text = String::from_utf8(fit(&file, arguments).stdout).unwrap();
    assert!(text.contains("how many times the `flops` sft needs") && text.contains("offset only"), "{text}");
}

#[test]
fn tables_say_what_the_json_says() {
    let file = methods();
    let arguments = "--group method --baseline sft --cluster seed --at 64,4096 --compare --law saturating --bootstrap 100";
    let output = fit(&file, arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in ["== rft", "4.00x [4.00, 4.00]", "> 1.00x", "not identifiable", "cover less", "AICc"] {
        assert!(text.contains(expected), "no `{expected}` in\n{text}");
    }
}

#[test]
fn a_parameter_that_is_not_identifiable_has_no_interval() {
    // On an exact power law a floor is on its bound.
    let file = methods();
    for interval in ["percentile", "bca", "student", "profile"] {
        let arguments = format!("--law saturating --where method=sft --bootstrap 60 --interval {interval}");
        let found = json(&fit(&file, &format!("{arguments} --json")));
        let weak: Vec<&str> = found["weak"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
        assert!(weak.contains(&"E"), "{found:#}");
        let intervals = found["intervals"].as_object().unwrap();
        for (name, ends) in intervals {
            assert_eq!(ends.is_null(), weak.contains(&name.as_str()), "{interval} {name}: {found:#}");
        }
        let text = String::from_utf8(fit(&file, &arguments).stdout).unwrap();
        let none = text.lines().filter(|line| line.contains("none: not identifiable")).count();
        assert_eq!(none, weak.len(), "{text}");
    }
}

#[test]
fn semicolons_tabs_and_json_lines_are_the_table_that_commas_make() {
    let file = methods();
    let text = std::fs::read_to_string(&file.0).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let objects = lines.map(|line| {
        let fields = header.iter().zip(line.split(',')).map(|(name, field)| {
            let value = field.parse::<f64>().map_or(Value::from(field), Value::from);
            ((*name).to_owned(), value)
        });
        format!("{}\n", Value::Object(fields.collect()))
    });
    let objects: String = objects.collect();
    let arguments = "--group method --baseline sft --cluster seed --at 64 --bootstrap 40 --json";
    let without_time = |output: &Output| {
        let mut found = json(output);
        for group in found["groups"].as_object_mut().unwrap().values_mut() {
            group["seconds"] = Value::Null;
        }
        found
    };
    let commas = without_time(&fit(&file, arguments));
    let others = [
        ("semicolons.csv", text.replace(',', ";")),
        ("tabs.tsv", text.replace(',', "\t")),
        ("runs.jsonl", objects),
    ];
    for (name, text) in others {
        let found = without_time(&fit(&File::new(name, &text), arguments));
        assert_eq!(found, commas, "{name}");
    }
}

#[test]
fn a_weight_of_two_is_a_row_given_twice() {
    let weighted = File::new("weighted.csv", "n,error,w\n1,0.9,1\n2,0.5,2\n4,0.4,1\n8,0.2,1\n");
    let twice = File::new("twice.csv", "n,error\n1,0.9\n2,0.5\n2,0.5\n4,0.4\n8,0.2\n");
    let objective = "--objective log-squares --bootstrap 0 --json";
    let weighted = json(&fit(&weighted, &format!("--weight w {objective}")));
    let twice = json(&fit(&twice, objective));
    for name in ["A", "a"] {
        let (one, other) =
            (weighted["params"][name].as_f64().unwrap(), twice["params"][name].as_f64().unwrap());
        assert!((one / other - 1.0).abs() < 1e-9, "{one} {other}");
    }
}

#[test]
fn extremes_do_not_panic() {
    let tables = [
        "n,error\n1,0.5\n2,0.5\n4,0.5\n8,0.5\n16,0.5\n",
        "n,error\n1e-12,0.5\n1,0.4\n1e12,0.3\n1e13,0.2\n1e14,0.1\n",
        "n,error\n1,1e-300\n2,1e-299\n4,1e-300\n8,1e-298\n16,1e-300\n",
        "n,error\n1,1e300\n2,1e200\n4,1e100\n8,1\n16,1e-100\n",
        "n,error\n1,0.1\n2,0.2\n4,0.3\n8,0.4\n16,0.5\n",
    ];
    for (i, text) in tables.iter().enumerate() {
        let file = File::new(&format!("extreme{i}.csv"), text);
        for law in ["power", "saturating", "shifted", "logit", "broken"] {
            for interval in ["bca", "student", "profile"] {
                let output = fit(&file, &format!("--law {law} --bootstrap 20 --interval {interval}"));
                let error = String::from_utf8_lossy(&output.stderr);
                assert!(!error.contains("panicked"), "{i} {law} {interval}: {error}");
            }
        }
    }
}

#[test]
fn an_error_of_zero_names_its_line_and_a_floor_admits_it() {
    let file = File::new("zero.csv", "n,error\n1,0.5\n2,0.4\n4,0\n8,0.2\n");
    let message = refusal(&fit(&file, ""));
    assert!(message.contains("line 4") && message.contains("floor"), "{message}");
    assert!(json(&fit(&file, "--floor 5e-4 --bootstrap 0 --json"))["intervals"].is_null());
    assert!(fit(&file, "--objective binomial:1000 --bootstrap 50").status.success());
}

#[test]
fn mistakes_are_named() {
    let file = methods();
    for (arguments, expected) in [
        ("--law cubic", "chinchilla"),
        ("--law chinchilla", "no column `params`"),
        ("--law chinchilla --x n", "has the inputs params,tokens"),
        ("--y loss", "there are method, n, seed, error"),
        ("--objective huber", "needs a number"),
        ("--group method --baseline dpo --cluster seed", "there are sft, rft"),
        ("--group method --baseline sft", "--cluster"),
        ("--where n=7", "no row is left"),
        ("--where n=64", "only 1 different sizes"),
        ("--y method", "line 2: `method` is `sft`"),
        ("--level 2", "level is 2"),
    ] {
        let message = refusal(&fit(&file, arguments));
        assert!(message.contains(expected), "{arguments}: {message}");
    }
}

#[test]
fn laws_are_listed() {
    let file = methods();
    let text = String::from_utf8(fit(&file, "--law list").stdout).unwrap();
    assert!(text.contains("E + A N^-alpha + B D^-beta") && text.lines().count() == 8);
}
