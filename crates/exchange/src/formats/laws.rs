//! Round trips: what is written is read again, and what was read is written as it was.

use super::{Form, Format, FormatOptions, Kind, Labels};
use crate::RowError;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else { panic!("an object") };
    fields
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

fn import(format: Format, row: Value) -> Result<Value, RowError> {
    let line = format.import(object(row), "toy-0".into(), &FormatOptions::default())?;
    Ok(line.map_or(Value::Null, |line| parse(&line)))
}

fn export(format: Format, row: Value, options: &FormatOptions) -> Option<Value> {
    format.export(object(row), options).unwrap().map(|line| parse(&line))
}

/// A line of text, which may hold anything but a line break and the mark of Math-Shepherd.
fn words() -> impl Strategy<Value = String> {
    "[a-z0-9é+=<>\"\\\\ \u{1F600}-]{0,12}x".prop_map(|text| text.trim().to_owned())
}

fn steps() -> impl Strategy<Value = Vec<(String, i64)>> {
    prop::collection::vec((words(), -1..2i64), 1..5)
}

/// A row of each format, as its tools write it.
fn foreign(format: Format) -> BoxedStrategy<Value> {
    let text = (words(), words(), words());
    let user = |text: String| json!([{"role": "user", "content": text}]);
    let assistant = |text: String| json!([{"role": "assistant", "content": text}]);
    let forms = move |messages: bool, prompt: String, side: String| {
        if messages { (user(prompt), assistant(side)) } else { (json!(prompt), json!(side)) }
    };
    match format {
        Format::TrlPreference => (text, any::<bool>())
            .prop_map(move |((prompt, chosen, rejected), messages)| {
                let (given, chosen) = forms(messages, prompt.clone(), chosen);
                json!({"prompt": given, "chosen": chosen, "rejected": forms(messages, prompt, rejected).1})
            })
            .boxed(),
        Format::TrlUnpaired => (words(), words(), any::<bool>(), any::<bool>())
            .prop_map(move |(prompt, completion, label, messages)| {
                let (prompt, completion) = forms(messages, prompt, completion);
                json!({"prompt": prompt, "completion": completion, "label": label})
            })
            .boxed(),
        Format::TrlSft => (words(), words(), any::<bool>())
            .prop_map(move |(prompt, completion, messages)| {
                let (prompt, completion) = forms(messages, prompt, completion);
                json!({"prompt": prompt, "completion": completion})
            })
            .boxed(),
        Format::StepDpo => (text, words())
            .prop_map(|((prompt, chosen, rejected), initial)| {
                json!({"prompt": prompt, "initial_reason_steps": initial, "chosen": chosen, "rejected": rejected,
                       "answer": "4", "dataset": "toy", "full_chosen": "c", "full_rejected": "r"})
            })
            .boxed(),
        Format::SelfExplore => text
            .prop_map(|(prompt, chosen, rejected)| json!({"prompt": prompt, "chosen": chosen, "rejected": rejected}))
            .boxed(),
        Format::Stepwise => (words(), steps())
            .prop_map(|(prompt, steps)| {
                let (completions, labels): (Vec<_>, Vec<_>) = steps.into_iter().map(|(s, r)| (s, r > 0)).unzip();
                json!({"prompt": prompt, "completions": completions, "labels": labels})
            })
            .boxed(),
        Format::MathShepherd => (words(), steps())
            .prop_map(|(question, steps)| {
                let line = |i: usize, text: &str| format!("{}Step {}: {text} ", if i == 0 { ' ' } else { '\n' }, i + 1);
                let (mut input, mut label) = (question.clone(), question);
                for (i, (text, rating)) in steps.iter().enumerate() {
                    input += &(line(i, text) + "ки");
                    label += &(line(i, text) + if *rating > 0 { "+" } else { "-" });
                }
                json!({"input": input, "label": label, "task": "GSM8K"})
            })
            .boxed(),
        Format::Prm800k => (words(), steps())
            .prop_map(|(problem, steps)| {
                let reason = if steps.iter().any(|(_, rating)| *rating < 0) { "found_error" } else { "solution" };
                let step = |(text, rating): (String, i64)| {
                    json!({"completions": [{"text": text, "rating": rating, "flagged": false}],
                           "human_completion": null, "chosen_completion": (rating >= 0).then_some(0)})
                };
                let steps: Vec<Value> = steps.into_iter().map(step).collect();
                json!({"question": {"problem": problem, "ground_truth_answer": "4"},
                       "label": {"steps": steps, "finish_reason": reason}})
            })
            .boxed(),
        Format::ScRel => text.prop_map(|(q, r, _)| json!({"query": q, "response": r})).boxed(),
        Format::ShareGpt => text
            .prop_map(|(system, q, r)| {
                json!({"conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": r}], "system": system})
            })
            .boxed(),
        Format::ShareGptPreference => text
            .prop_map(|(q, chosen, rejected)| {
                json!({"conversations": [{"from": "human", "value": q}], "chosen": {"from": "gpt", "value": chosen},
                       "rejected": {"from": "gpt", "value": rejected}})
            })
            .boxed(),
        Format::Gsm8k => {
            text.prop_map(|(q, s, a)| json!({"question": q, "answer": format!("{s}\n#### {a}")})).boxed()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_read_is_written_as_it_was(
        rows in Format::ALL.iter().map(|&format| foreign(format)).collect::<Vec<_>>(),
    ) {
        for (format, row) in Format::ALL.into_iter().zip(rows) {
            let ours = import(format, row.clone()).unwrap();
            prop_assert_eq!(&ours["id"], "toy-0");
            prop_assert_eq!(export(format, ours, &FormatOptions::default()), Some(row), "{:?}", format);
        }
    }

    #[test]
    fn pairs_come_back_from_every_format_of_pairs(
        question in words(), initial in words(), chosen in words(), rejected in words(), messages: bool,
    ) {
        let row = json!({"id": "a", "prompt": format!("{question}\n"), "initial_steps": format!("{initial}\n"),
                         "chosen": chosen, "rejected": rejected, "step": 1, "question": question, "answer": "4"});
        for format in Format::ALL.into_iter().filter(|format| format.kind() == Kind::Pairs) {
            let form = Some(if messages { Form::Messages } else { Form::Text });
            let theirs = export(format, row.clone(), &FormatOptions { form, ..Default::default() }).unwrap();
            let ours = import(format, theirs).unwrap();
            let whole = |row: &Value, side: &str| {
                let prompt = row["prompt"].as_str().or_else(|| row["prompt"][0]["content"].as_str()).unwrap();
                format!("{prompt}{}{}", row["initial_steps"].as_str().unwrap(), row[side].as_str().unwrap())
            };
            for side in ["chosen", "rejected"] {
                prop_assert_eq!(whole(&ours, side), whole(&row, side), "{:?}", format);
            }
        }
    }

    #[test]
    fn labels_come_back_from_every_format_of_steps(question in words(), steps in steps(), known in 0..6usize) {
        let texts: Vec<String> = steps.iter().map(|(text, _)| text.clone()).collect();
        let (completion, spans) = super::steps::joined(&texts, "\n");
        let value = |(i, (_, rating)): (usize, &(String, i64))| {
            let q = (rating + 1) as f64 / 2.0;
            json!({"step": i + 1, "q": q, "low": 0, "high": 1, "rollouts": 2, "correct": rating + 1})
        };
        let values: Vec<Value> = steps.iter().enumerate().map(value).take(known).collect();
        let row = json!({"id": "a", "sample": 0, "question": question, "completion": completion, "steps": spans,
                         "verdict": "equal", "values": values});
        for format in [Format::Stepwise, Format::MathShepherd, Format::Prm800k] {
            let theirs = export(format, row.clone(), &FormatOptions::default());
            prop_assert_eq!(theirs.is_some(), known > 0, "{:?}", format);
            let Some(theirs) = theirs else { continue };
            let ours = import(format, theirs).unwrap();
            let labels: Vec<bool> = steps.iter().take(known).map(|(_, rating)| *rating >= 0).collect();
            prop_assert_eq!(&ours["labels"], &json!(labels), "{:?}", format);
            let text = ours["completion"].as_str().unwrap();
            prop_assert!(texts.iter().take(known).all(|step| text.contains(step.as_str())), "{:?}", format);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn no_key_is_written_twice(
        rows in Format::ALL.iter().map(|&format| foreign(format)).collect::<Vec<_>>(),
    ) {
        let keys = ["sample", "prompt", "question", "answer", "steps", "labels", "verdict", "rule", "chosen_ends",
                    "rejected_ends", "initial_steps", "completion", "solution", "values", "split", "ratings"];
        for (format, mut row) in Format::ALL.into_iter().zip(rows) {
            for key in keys {
                let more = match key {
                    "sample" => json!(3),
                    "chosen_ends" | "rejected_ends" => json!(false),
                    _ => json!("own"),
                };
                if row.get(key).is_none() {
                    row[key] = more;
                }
            }
            let line = format.import(object(row), "toy-0".into(), &FormatOptions::default());
            // Some of them mean something to some formats, and are then no texts.
            let Ok(Some(line)) = line else { continue };
            for key in keys {
                prop_assert!(line.matches(&format!("\"{key}\":")).count() <= 1, "{:?} {}: {}", format, key, line);
            }
        }
    }
}

#[test]
fn errors_name_the_key() {
    let message = |format, row| import(format, row).unwrap_err().to_string();
    let broken = [
        (Format::TrlPreference, json!({"chosen": "c", "rejected": "r"}), "no key `prompt`, and the sides"),
        (Format::TrlPreference, json!({"chosen": "p c", "rejected": "p c"}), "the same as `chosen`"),
        (Format::Stepwise, json!({"prompt": "p", "completions": ["a"], "labels": [1.5]}), "from 0 to 1"),
        (Format::ShareGpt, json!({"conversations": [{"from": "human", "value": "q"}]}), "does not end"),
        (Format::ShareGpt, json!({"conversations": [{"from": "x", "value": "q"}]}), "`x` is none of human"),
        (Format::TrlPreference, json!({"prompt": "p", "chosen": [], "rejected": "r"}), "key `chosen`"),
        (
            Format::TrlUnpaired,
            json!({"prompt": "p", "completion": "c", "label": 0.5}),
            "key `label` is a number",
        ),
        (Format::Stepwise, json!({"prompt": "p", "completions": ["a"], "labels": []}), "0 labels for 1"),
        (Format::TrlSft, json!({"messages": [{"role": "user", "content": "x"}]}), "key `messages`"),
        (Format::StepDpo, json!({"prompt": "p", "chosen": "c"}), "no key `initial_reason_steps`"),
        (Format::SelfExplore, json!({"prompt": "p", "chosen": 1}), "no key `rejected`"),
        (Format::MathShepherd, json!({"input": "q Step 1: a ки", "label": "q Step 1: b +"}), "key `label`"),
        (Format::MathShepherd, json!({"input": "q a ки", "label": "q a +"}), "no `Step 1:`"),
        (Format::Prm800k, json!({"question": {}, "label": {}}), "no key `question.problem`"),
        (Format::ScRel, json!({"query": "q"}), "no key `response`"),
        (Format::Gsm8k, json!({"question": "q", "answer": "4"}), "key `answer`"),
    ];
    for (format, row, expected) in broken {
        let found = message(format, row);
        assert!(found.contains(expected), "{format:?}: {found}");
    }
}

#[test]
fn the_path_of_a_labeler_is_followed() {
    let step = |texts: [(&str, Value); 2], chosen: Value, human: Value| {
        let completions: Vec<Value> =
            texts.map(|(text, rating)| json!({"text": text, "rating": rating})).into();
        json!({"completions": completions, "chosen_completion": chosen, "human_completion": human})
    };
    let own = json!({"text": "own", "rating": null});
    let wrong = || [("c", json!(-1)), ("d", json!(-1))];
    let steps = json!([
        step([("a", json!(-1)), ("b", json!(0))], json!(1), Value::Null),
        step(wrong(), Value::Null, own.clone()),
        // A candidate that was chosen goes before what the labeler wrote.
        step([("i", json!(1)), ("j", json!(-1))], json!(0), own),
        step([("e", json!(-1)), ("f", json!(1))], Value::Null, Value::Null),
        step([("g", Value::Null), ("h", json!(1))], Value::Null, Value::Null),
    ]);
    let row = |steps: Value| json!({"question": {"problem": "q"}, "label": {"steps": steps}, "labeler": "x"});
    let read = import(Format::Prm800k, row(steps)).unwrap();
    assert_eq!(read["completion"], "b\nown\ni\ne");
    assert_eq!(
        (&read["ratings"], &read["labels"]),
        (&json!([0, 1, 1, -1]), &json!([true, true, true, false]))
    );
    assert_eq!(read["labeler"], "x");
    let unrated = step([("g", Value::Null), ("h", json!(1))], Value::Null, Value::Null);
    let none = json!({"completions": [], "chosen_completion": null, "human_completion": null});
    for steps in [json!([]), json!([unrated]), json!([none])] {
        assert_eq!(import(Format::Prm800k, row(steps)).unwrap(), Value::Null);
    }
    let beginning = json!([step([("a", json!(1)), ("b", json!(0))], json!(0), Value::Null), none]);
    assert_eq!(import(Format::Prm800k, row(beginning)).unwrap()["completion"], "a");
}

#[test]
fn the_question_of_math_shepherd_ends_at_the_first_mark() {
    let input = "q Step 1: look at Step 1: again ки\nStep 2: b ки";
    let label = input.replacen("ки", "+", 1).replacen("ки", "-", 1);
    let row = import(Format::MathShepherd, json!({"input": input, "label": label})).unwrap();
    assert_eq!(row["question"], "q");
    assert_eq!(row["completion"], "Step 1: look at Step 1: again\nStep 2: b");
    let row = json!({"id": "a", "sample": 0, "question": "What is Step 1: for?", "completion": "x", "steps": [[0, 1]],
                     "labels": [true]});
    let error = Format::MathShepherd.export(object(row), &FormatOptions::default()).unwrap_err();
    assert!(error.to_string().contains("key `question`"), "{error}");
}

#[test]
fn a_prompt_inside_both_sides_is_what_they_share() {
    let sides = |chosen: Value, rejected: Value| {
        let row = import(Format::TrlPreference, json!({"chosen": chosen, "rejected": rejected})).unwrap();
        (row["prompt"].clone(), row["chosen"].clone(), row["rejected"].clone())
    };
    let text = sides(json!("The sum is 42."), json!("The sum is 43."));
    assert_eq!(text, (json!("The sum is"), json!(" 42."), json!(" 43.")));
    let lines = sides(json!("Q: 1?\nA"), json!("Q: 1?\nB"));
    assert_eq!(lines, (json!("Q: 1?\n"), json!("A"), json!("B")));
    let turn = |role: &str, content: &str| json!({"role": role, "content": content});
    let call = json!({"role": "assistant", "content": "", "tool_calls": [{"id": "a"}]});
    let shared = [turn("user", "q"), call, json!({"role": "tool", "content": "4", "tool_call_id": "a"})];
    let side = |text: &str| json!([shared.as_slice(), &[turn("assistant", text)]].concat());
    assert_eq!(sides(side("c"), side("r")), (json!(shared), json!("c"), json!("r")));
}

#[test]
fn messages_come_in_parts_and_with_thoughts() {
    let prompt = json!([{"role": "user", "content": [{"type": "text", "text": "1 +"}, {"type": "text", "text": " 1?"}]}]);
    let said = json!([{"role": "assistant", "thinking": "easy", "content": "2"}]);
    let row = import(Format::TrlSft, json!({"prompt": prompt, "completion": said})).unwrap();
    assert_eq!(row["prompt"], json!([{"role": "user", "content": "1 + 1?"}]));
    assert_eq!(row["completion"], "<think>\neasy\n</think>\n\n2");
}

#[test]
fn labels_may_be_numbers_and_values() {
    let row = |labels: Value| json!({"prompt": "p", "completions": ["a", "b"], "labels": labels});
    for labels in [json!([1, 0]), json!([1.0, 0.0]), json!([true, false])] {
        assert_eq!(import(Format::Stepwise, row(labels)).unwrap()["labels"], json!([true, false]));
    }
    let unpaired = json!({"prompt": "p", "completion": "c", "label": 1.0});
    assert_eq!(import(Format::TrlUnpaired, unpaired).unwrap()["verdict"], "equal");
    let value = |step: usize, q: f64, low: f64| json!({"step": step, "q": q, "low": low, "high": 1.0, "rollouts": 4, "correct": 1});
    let ours = json!({"id": "a", "sample": 0, "question": "q", "completion": "a\nb", "steps": [[0, 2], [2, 3]],
                      "values": [value(1, 0.75, 0.25), value(2, 0.5, 0.0)]});
    let written = |labels: Labels| {
        export(Format::Stepwise, ours.clone(), &FormatOptions { labels, ..Default::default() }).unwrap()
    };
    assert_eq!(written(Labels::Hard)["labels"], json!([true, true]));
    assert_eq!(written(Labels::Soft)["labels"], json!([0.75, 0.5]));
    let sure = written(Labels::Interval);
    assert_eq!(
        (&sure["labels"], &sure["intervals"]),
        (&json!([0.75, 0.5]), &json!([[0.25, 1.0], [0.0, 1.0]]))
    );
    for labels in [Labels::Soft, Labels::Interval] {
        let theirs = written(labels);
        let back = import(Format::Stepwise, theirs.clone()).unwrap();
        let again = export(Format::Stepwise, back, &FormatOptions { labels, ..Default::default() });
        assert_eq!(again, Some(theirs));
    }
    let given = import(Format::Stepwise, row(json!([true, false]))).unwrap();
    let options = FormatOptions { labels: Labels::Interval, ..Default::default() };
    let error = Format::Stepwise.export(object(given), &options).unwrap_err();
    assert!(error.to_string().contains("have no interval"), "{error}");
}

#[test]
fn wrong_solutions_are_no_examples() {
    let row = json!({"id": "a", "prompt": "q", "completion": "c", "verdict": "different"});
    for format in [Format::TrlSft, Format::ScRel] {
        let error = format.export(object(row.clone()), &FormatOptions::default()).unwrap_err();
        assert!(error.to_string().contains("key `verdict`"), "{error}");
    }
}
