//! Solutions as one page of HTML that needs no other file.

use super::view::View;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};

/// The end of a page.
pub(crate) const FOOT: &str = "</main>\n</body>\n</html>\n";

const HEAD: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ title }}</title>
<style>
:root { color-scheme: light dark; --line: #8884; --right: #1a7f37; --wrong: #cf222e; --middle: #9a6700; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 68rem; padding: 1rem; }
h1 { font-size: 1.3rem; }
article { border: 1px solid var(--line); border-radius: .4rem; margin: 1rem 0; padding: .6rem .9rem; }
header { display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
header b { font-weight: 600; }
.question { margin: .4rem 0 .6rem; opacity: .8; white-space: pre-wrap; }
.right { color: var(--right); }
.wrong, .undecided { color: var(--wrong); }
table { border-collapse: collapse; width: 100%; }
th { font-size: .8rem; font-weight: 500; opacity: .7; text-align: left; }
td, th { border-top: 1px solid var(--line); padding: .25rem .6rem .25rem 0; vertical-align: top; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
td.text { overflow-wrap: anywhere; white-space: pre-wrap; width: 100%; }
.bar { background: #8883; border-radius: 2px; display: inline-block; height: .6em; overflow: hidden; width: 4rem; }
.bar i { background: var(--middle); display: block; height: 100%; }
.bar i.right { background: var(--right); }
tr.pit td { background: color-mix(in srgb, var(--wrong) 14%, transparent); }
.tag { background: var(--wrong); border-radius: .3rem; color: #fff; font-size: .75rem; margin-left: .5rem; padding: 0 .4rem; white-space: nowrap; }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<main>
"##;

const SOLUTION: &str = r#"<article>
<header><b>{{ view.id }}</b><span>sample {{ view.sample }}</span>
{%- if view.verdict %}<span class="{{ view.verdict }}">{{ view.verdict }}</span>{% else %}<span>not verified</span>{% endif %}
{%- if view.answer %}<span>the answer is {{ view.answer }}</span>{% endif %}</header>
<p class="question">{{ view.question }}</p>
<table>
{%- if view.valued %}
<tr><th>step</th><th></th><th>value (interval)</th><th>correct</th><th>change</th><th></th></tr>
{%- endif %}
{%- if view.start %}
<tr><td></td>{{ worth(view.start) }}<td class="text"><em>the question alone</em></td></tr>
{%- endif %}
{%- for step in view.steps %}
<tr{% if step.is_pit %} class="pit"{% endif %}><td class="number">{{ step.number }}</td>
{%- if view.valued %}{{ worth(step.worth) }}{% endif -%}
<td class="text">{% if step.label is boolean %}{{ "+ " if step.label else "- " }}{% endif %}{{ step.text }}
{%- if step.is_pit %}<span class="tag">first pit</span>{% endif %}</td></tr>
{%- endfor %}
</table>
</article>
"#;

/// What stands in the columns of a value.
const WORTH: &str = r#"{% if worth -%}
<td><span class="bar"><i{% if worth.q >= 1 %} class="right"{% endif %} style="width:{{ (100 * worth.q)|round(1) }}%"></i></span></td><td class="number">{{ worth.interval }}</td><td class="number">{{ worth.rollouts or "verdict" }}</td><td class="number{% if worth.falls %} wrong{% endif %}">{{ worth.advantage or "" }}</td>
{%- else %}<td></td><td></td><td></td><td></td>{% endif %}"#;

/// Writes the parts of a page. Every text of a row is escaped.
pub(crate) struct Page(Environment<'static>);

impl Page {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.add_template("head", HEAD)?;
        environment.add_template("solution", SOLUTION)?;
        environment.add_template("worth", WORTH)?;
        environment.add_function("worth", |state: &minijinja::State, worth: minijinja::Value| {
            let cells = state.env().get_template("worth")?.render(context! { worth })?;
            Ok::<_, minijinja::Error>(minijinja::Value::from_safe_string(cells))
        });
        Ok(Self(environment))
    }

    /// The beginning of a page.
    pub(crate) fn head(&self, title: &str) -> anyhow::Result<String> {
        let template = self.0.get_template("head")?;
        Ok(template.render(context! { title })?)
    }

    /// A solution.
    pub(crate) fn solution(&self, view: &View) -> anyhow::Result<String> {
        let template = self.0.get_template("solution")?;
        Ok(template.render(context! { view => Serde(view) })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_exchange::{SampleRow, StepValue};
    use eightfold_verifier::Judgment;
    use proptest::prelude::*;

    fn page(row: &SampleRow) -> String {
        let page = Page::new().unwrap();
        page.head(&row.id).unwrap() + &page.solution(&View::of(row).unwrap()).unwrap() + FOOT
    }

    fn row(text: &str) -> SampleRow {
        let value = StepValue {
            step: 1,
            q: 0.25,
            low: 0.0,
            high: 0.9,
            rollouts: 4,
            correct: 1,
            advantage: Some(-0.5),
        };
        let len = text.chars().count() as u64;
        SampleRow {
            id: text.into(),
            question: text.into(),
            answer: Some(text.into()),
            completion: text.into(),
            verdict: Some(Judgment::Different),
            steps: Some(if len > 0 { vec![[0, len]] } else { vec![] }),
            values: Some(vec![value]),
            first_pit: Some(0),
            labels: Some(vec![true]),
            ..SampleRow::default()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn text_never_becomes_markup(text in r#"[<>&"'/a-z=]{0,20}"#) {
            let tags = |page: &str| page.matches('<').count();
            prop_assert_eq!(tags(&page(&row(&text))), tags(&page(&row(&text.replace(['<', '>', '&', '"', '\''], "x")))));
        }
    }

    #[test]
    fn a_step_stands_beside_its_value() {
        let page = page(&row("<script>x</script>"));
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
        for part in ["width:25", ".25 (.00 to .90)", "1 of 4", "-.50", "class=\"pit\"", "first pit", "+ "] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
}
