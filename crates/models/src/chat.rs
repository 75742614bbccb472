//! Chats as texts, by the folder's chat template: Jinja as `transformers` renders it.

use crate::{ModelError, TextError};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest, Serde};
use minijinja::{Environment, Error, ErrorKind, Value};
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// What someone says in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Turn {
    /// Who: `system`, `user` or `assistant`.
    pub role: String,
    /// What.
    pub content: String,
}

/// The chat template of a model.
pub struct Chat {
    environment: Environment<'static>,
    /// Names of special tokens that the template sees, as `bos_token`.
    tokens: Vec<(String, String)>,
}

/// Special tokens of `tokenizer_config.json` that templates use.
const TOKENS: [&str; 4] = ["bos_token", "eos_token", "pad_token", "unk_token"];

/// `tokenizer_config.json`, as far as it counts.
#[derive(Default, Deserialize)]
pub(crate) struct TokenizerConfig {
    chat_template: Option<Templates>,
    #[serde(flatten)]
    more: serde_json::Map<String, serde_json::Value>,
}

/// One template, or several with names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Templates {
    One(String),
    Named(Vec<Named>),
}

#[derive(Deserialize)]
struct Named {
    name: String,
    template: String,
}

impl TokenizerConfig {
    /// Reads `tokenizer_config.json` in `folder`; nothing if there is none.
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("tokenizer_config.json");
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&path).map_err(|source| crate::tensors::file(&path, source))?;
        serde_json::from_str(&text).map_err(|error| ModelError::Json { path, message: error.to_string() })
    }

    /// A special token by its key, as `eos_token`: a text, or an object with `content`.
    pub(crate) fn token(&self, key: &str) -> Option<&str> {
        let value = self.more.get(key)?;
        value.as_str().or_else(|| value.get("content")?.as_str())
    }
}

impl Chat {
    /// The template in `chat_template.jinja` or, if there is none, in `tokenizer_config.json`; of several the one
    /// named `default`.
    pub(crate) fn open(folder: &Path, config: &TokenizerConfig) -> Result<Option<Self>, ModelError> {
        let own = folder.join("chat_template.jinja");
        let (path, template) = if own.exists() {
            let text = std::fs::read_to_string(&own).map_err(|source| crate::tensors::file(&own, source))?;
            (own, Some(text))
        } else {
            let template = match &config.chat_template {
                Some(Templates::One(template)) => Some(template.clone()),
                Some(Templates::Named(all)) => {
                    all.iter().find(|one| one.name == "default").map(|one| one.template.clone())
                }
                None => None,
            };
            (folder.join("tokenizer_config.json"), template)
        };
        let tokens = TOKENS.iter().filter_map(|key| Some(((*key).to_owned(), config.token(key)?.to_owned())));
        let chat = |template| {
            Self::new(template, tokens.collect())
                .map_err(|error| ModelError::Template { path, message: described(&error) })
        };
        template.map(chat).transpose()
    }

    fn new(template: String, tokens: Vec<(String, String)>) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_filter("tojson", tojson);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_template_owned("chat", template)?;
        Ok(Self { environment, tokens })
    }

    /// The text of a chat that the assistant is to go on with. Where the last turn is the assistant's own, the text
    /// ends with it, to be continued. `date` is the day that a template may ask for by `strftime_now`; without it a
    /// template that can do without says what it says then.
    ///
    /// # Errors
    /// If the template raises an exception or uses what is not there.
    pub fn render(&self, turns: &[Turn], date: Option<Date>) -> Result<String, TextError> {
        let begun = turns.last().filter(|turn| turn.role == "assistant");
        let spoken = if begun.is_some() { &turns[..turns.len() - 1] } else { turns };
        let template = self.environment.get_template("chat").map_err(failed)?;
        let tokens = self.tokens.iter().map(|(key, token)| (key.as_str(), Value::from(token.as_str())));
        let now = date.map(|date| Value::from_function(move |format: String| date.format(&format)));
        let names: BTreeMap<&str, Value> = tokens
            .chain(now.map(|now| ("strftime_now", now)))
            .chain([("messages", Value::from(Serde(spoken))), ("add_generation_prompt", Value::from(true))])
            .collect();
        let mut text = template.render(names).map_err(failed)?;
        if let Some(turn) = begun {
            text.push_str(&turn.content);
        }
        Ok(text)
    }
}

fn failed(error: Error) -> TextError {
    TextError::Template { message: described(&error) }
}

/// An error of the template language in one line, with where it was.
fn described(error: &Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    error.line().map_or_else(|| what.clone(), |line| format!("line {line}: {what}"))
}

/// A day, for templates that say which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// Month, from 1.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Date {
    /// The directives of `strftime` that chat templates use for a day.
    fn format(self, format: &str) -> Result<String, Error> {
        let month = MONTHS.get(usize::from(self.month).wrapping_sub(1)).copied().unwrap_or_default();
        let mut text = String::new();
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some('Y') => text.push_str(&self.year.to_string()),
                Some('y') => text.push_str(&format!("{:02}", self.year % 100)),
                Some('m') => text.push_str(&format!("{:02}", self.month)),
                Some('d') => text.push_str(&format!("{:02}", self.day)),
                Some('B') => text.push_str(month),
                Some('b') => text.push_str(&month[..month.len().min(3)]),
                Some('%') => text.push('%'),
                other => {
                    let directive = other.map(String::from).unwrap_or_default();
                    let message = format!("strftime_now: %{directive} is not known");
                    return Err(Error::new(ErrorKind::InvalidOperation, message));
                }
            }
        }
        Ok(text)
    }
}

/// JSON as Python's `json.dumps(.., ensure_ascii=False)` writes it.
fn tojson(value: Value, rest: Rest<Value>, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = match rest.first() {
        Some(indent) => Some(indent.clone().try_into()?),
        None => options.get("indent")?,
    };
    let mut bytes = Vec::new();
    let done = match indent {
        Some(indent) => {
            let spaces = " ".repeat(indent);
            let format = PrettyFormatter::with_indent(spaces.as_bytes());
            value.serialize(&mut Serializer::with_formatter(&mut bytes, format))
        }
        None => value.serialize(&mut Serializer::with_formatter(&mut bytes, Spaced)),
    };
    let wrong = |error: String| Error::new(ErrorKind::BadSerialization, error);
    done.map_err(|error| wrong(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))
}

/// A space behind every comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(role: &str, content: &str) -> Turn {
        Turn { role: role.into(), content: content.into() }
    }

    fn render(template: &str, turns: &[Turn], date: Option<Date>) -> Result<String, String> {
        let tokens = vec![("bos_token".to_owned(), "<s>".to_owned())];
        let chat = Chat::new(template.to_owned(), tokens).map_err(|error| described(&error))?;
        chat.render(turns, date).map_err(|error| error.to_string())
    }

    const SIMPLE: &str =
        "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}] {{ m.content.strip() }}\n{% endfor %}
{%- if add_generation_prompt %}[assistant] {% endif %}";

    #[test]
    fn a_chat_ends_where_the_assistant_goes_on() {
        let asked = [turn("system", "Be brief."), turn("user", " 2 < 3? ")];
        assert_eq!(
            render(SIMPLE, &asked, None).unwrap(),
            "<s>[system] Be brief.\n[user] 2 < 3?\n[assistant] "
        );
        let begun = [&asked[1..], &[turn("assistant", "Yes\n")]].concat();
        assert_eq!(render(SIMPLE, &begun, None).unwrap(), "<s>[user] 2 < 3?\n[assistant] Yes\n");
    }

    #[test]
    fn what_templates_use_of_python_is_there() {
        let cases = [
            ("{{ messages[0] | tojson }}", r#"{"role": "user", "content": "<a> é \"q\""}"#),
            ("{{ [1, {'a': none}] | tojson(indent=2) }}", "[\n  1,\n  {\n    \"a\": null\n  }\n]"),
            ("{{ messages[0].content.split(' ')[0].upper() }}", "<A>"),
            ("{% if messages[0].content.startswith('<a>') and 'x' not in messages[0] %}y{% endif %}", "y"),
            ("{{ messages[0].get('name', 'n') ~ messages | length }}", "n1"),
            ("{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f(1) }}", "<1>"),
            ("{% for i in range(9) %}{% if i > 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "012"),
            (
                "{% set ns = namespace(k=1) %}{% for i in [1, 2] %}{% set ns.k = ns.k + i %}{% endfor %}{{ ns.k }}",
                "4",
            ),
            ("{% for m in messages[::-1] %}{{ loop.index0 }}{{ loop.last }}{% endfor %}", "0True"),
            ("  {% if tools is defined %}t{% else %}\n-{% endif %}\n", "-"),
            ("{{ messages[0].content is string }}{{ x is defined }}", "TrueFalse"),
        ];
        for (template, want) in cases {
            let found = render(template, &[turn("user", "<a> é \"q\"")], None);
            assert_eq!(found.as_deref(), Ok(want), "{template}");
        }
    }

    #[test]
    fn the_date_is_an_argument() {
        let asks = "{{ strftime_now('%d %b %Y, %B %y-%m 100%%') }}";
        let date = Date { year: 2026, month: 3, day: 7 };
        assert_eq!(render(asks, &[], Some(date)).unwrap(), "07 Mar 2026, March 26-03 100%");
        let can_do_without =
            "{% if strftime_now is defined %}{{ strftime_now('%d') }}{% else %}none{% endif %}";
        assert_eq!(render(can_do_without, &[], None).unwrap(), "none");
        let unknown = render("{{ strftime_now('%H') }}", &[], Some(date)).unwrap_err();
        assert!(unknown.contains("strftime_now: %H is not known"), "{unknown}");
    }

    #[test]
    fn exceptions_of_the_template_are_errors() {
        let error = render("a\n{{ raise_exception('roles must alternate') }}", &[], None).unwrap_err();
        assert_eq!(error, "the chat template failed: line 2: roles must alternate");
        assert!(render("{% if %}", &[], None).unwrap_err().starts_with("line 1: "));
    }
}
