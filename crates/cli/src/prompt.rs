//! Prompts: a template in a file, filled in with a problem and worked examples.

use anyhow::Context;
use eightfold_exchange::ProblemRow;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;
use std::path::Path;

/// The prompt where no template is given: the question and a line break, after worked examples if there are
/// any.
const PLAIN: &str = "\
{% for shot in shots %}{{ shot.question }}
{{ shot.solution }}

{% endfor %}{{ question }}
";

/// A worked example that the model is shown before its problem.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Shot {
    /// What is asked.
    pub(crate) question: String,
    /// The worked solution, as the model should write it.
    pub(crate) solution: String,
    /// Its final answer.
    pub(crate) answer: String,
}

/// A prompt template in the language of Jinja. It sees `question`, `id`, `shots` (a list of `question`,
/// `solution` and `answer`) and `problem`, which holds the further keys of the row; never the answer or
/// solution of the problem itself. A name that is not there is an error.
pub(crate) struct Template(Environment<'static>);

impl Template {
    /// The template of a file, or the plain one.
    pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = file else { return Self::new("plain", PLAIN.to_owned()) };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
        Self::new(&name, text)
    }

    fn new(name: &str, text: String) -> anyhow::Result<Self> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // A prompt ends as its file does: with a line break, so that no token spans prompt and completion.
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).trim_blocks(true).build();
        environment.set_syntax(syntax.context("the template syntax")?);
        environment.add_template_owned("prompt", text).with_context(|| name.to_owned())?;
        Ok(Self(environment))
    }

    /// The prompt of a problem.
    pub(crate) fn render(&self, problem: &ProblemRow, shots: &[Shot]) -> anyhow::Result<String> {
        let template = self.0.get_template("prompt").context("the template")?;
        let names = context! {
            id => &problem.id,
            question => &problem.question,
            shots => Serde(shots),
            problem => Serde(&problem.more),
        };
        template.render(names).with_context(|| format!("the prompt of problem {}", problem.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problem() -> ProblemRow {
        let row = json!({"id": "toy-0", "question": "1 < 2?", "answer": "SECRET", "solution": "SECRET", "unit": "kg"});
        let serde_json::Value::Object(fields) = row else { unreachable!() };
        ProblemRow::read(fields).unwrap()
    }

    fn render(template: &str) -> anyhow::Result<String> {
        Template::new("t", template.to_owned())?.render(&problem(), &[])
    }

    #[test]
    fn the_plain_prompt_is_the_question_and_a_line_break() {
        let plain = Template::load(None).unwrap();
        assert_eq!(plain.render(&problem(), &[]).unwrap(), "1 < 2?\n");
        let shot = Shot { question: "2?".into(), solution: "#### 2".into(), answer: "2".into() };
        assert_eq!(plain.render(&problem(), &[shot]).unwrap(), "2?\n#### 2\n\n1 < 2?\n");
    }

    #[test]
    fn templates_see_the_problem_but_not_its_answer() {
        assert_eq!(render("{{ id }} {{ question }} in {{ problem.unit }}:").unwrap(), "toy-0 1 < 2? in kg:");
        for secret in ["{{ answer }}", "{{ solution }}", "{{ problem.answer }}", "{{ nothing }}"] {
            let message = format!("{:#}", render(secret).unwrap_err());
            assert!(message.contains("toy-0") && message.contains("undefined"), "{message}");
        }
        let broken = format!("{:#}", render("{% for x in %}").unwrap_err());
        assert!(broken.contains('t'), "{broken}");
    }
}
