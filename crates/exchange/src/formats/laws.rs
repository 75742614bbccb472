//! Round trips: what is written is read again, and what was read is written as it was.

use super::{Form, Format, FormatOptions, Kind};
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
    Ok(parse(&format.import(object(row), "toy-0".into(), &FormatOptions::default())?))
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
        Format::TrlStepwise => (words(), steps())
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
        for format in [Format::TrlStepwise, Format::MathShepherd, Format::Prm800k] {
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

#[test]
fn errors_name_the_key() {
    let message = |format, row| import(format, row).unwrap_err().to_string();
    let broken = [
        (Format::TrlPreference, json!({"chosen": "c", "rejected": "r"}), "no key `prompt`"),
        (Format::TrlPreference, json!({"prompt": "p", "chosen": [], "rejected": "r"}), "key `chosen`"),
        (
            Format::TrlUnpaired,
            json!({"prompt": "p", "completion": "c", "label": 0.5}),
            "key `label` is a number",
        ),
        (Format::TrlStepwise, json!({"prompt": "p", "completions": ["a"], "labels": []}), "0 labels for 1"),
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
    let steps = json!([
        step([("a", json!(-1)), ("b", json!(0))], json!(1), Value::Null),
        step([("c", json!(-1)), ("d", json!(-1))], Value::Null, json!({"text": "own", "rating": null})),
        step([("e", json!(-1)), ("f", json!(1))], Value::Null, Value::Null),
        step([("g", Value::Null), ("h", json!(1))], Value::Null, Value::Null),
    ]);
    let row = import(
        Format::Prm800k,
        json!({"question": {"problem": "q"}, "label": {"steps": steps}, "labeler": "x"}),
    );
    let row = row.unwrap();
    assert_eq!(row["completion"], "b\nown\ne");
    assert_eq!((&row["ratings"], &row["labels"]), (&json!([0, 1, -1]), &json!([true, true, false])));
    assert_eq!(row["labeler"], "x");
}

#[test]
fn wrong_solutions_are_no_examples() {
    let row = json!({"id": "a", "prompt": "q", "completion": "c", "verdict": "different"});
    for format in [Format::TrlSft, Format::ScRel] {
        let error = format.export(object(row.clone()), &FormatOptions::default()).unwrap_err();
        assert!(error.to_string().contains("key `verdict`"), "{error}");
    }
}
