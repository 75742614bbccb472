//! `--set world.relations=128`: one field of a configuration, by its path.

use crate::configuration::Configuration;
use anyhow::{Context, Result, bail};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The configuration with all settings applied in order.
///
/// # Errors
/// If a setting is not `key=value`, names no field (the nearest known one is offered), or has a value that the
/// field cannot hold.
pub fn apply_all<T: Serialize + DeserializeOwned>(config: &T, sets: &[String]) -> Result<T> {
    let mut value = serde_json::to_value(config)?;
    for set in sets {
        apply(&mut value, set)?;
    }
    read(value, sets)
}

/// Each configuration with all settings applied. A key need not be in every one of them, but it must be in at least
/// one. `GROUP:KEY=VALUE` is for the configurations of a group alone ([`Configuration::group`]).
///
/// # Errors
/// As [`apply_all`], or if there is no such group.
pub fn apply_some<C: Configuration>(configs: &[C], sets: &[String]) -> Result<Vec<C>> {
    let mut values = configs.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    for set in sets {
        let (group, set) = group(set);
        let (key, _) = split(set)?;
        let mine = |config: &C| group.is_none_or(|group| config.group() == group);
        if !configs.iter().any(mine) {
            bail!("--set {}: there is no such group of cells", group.unwrap_or_default());
        }
        let mut own: Vec<&mut Value> = values
            .iter_mut()
            .zip(configs)
            .filter(|(_, config)| mine(config))
            .map(|(value, _)| value)
            .collect();
        if !own.iter().any(|value| pointer(value, key).is_some()) {
            let mut known: Vec<Known> = own.iter().flat_map(|value| keys(value)).collect();
            known.sort();
            known.dedup();
            return Err(unknown(key, &known));
        }
        for value in own.iter_mut().filter(|value| pointer(value, key).is_some()) {
            apply(value, set)?;
        }
    }
    values.into_iter().map(|value| read(value, sets)).collect()
}

/// A setting without the group that it is for.
fn group(set: &str) -> (Option<&str>, &str) {
    let key = set.split('=').next().unwrap_or_default();
    match key.split_once(':') {
        Some((group, _)) => (Some(group), &set[group.len() + 1..]),
        None => (None, set),
    }
}

fn read<T: DeserializeOwned>(value: Value, sets: &[String]) -> Result<T> {
    serde_json::from_value(value).with_context(|| format!("--set {} does not fit", sets.join(" --set ")))
}

fn split(set: &str) -> Result<(&str, &str)> {
    set.split_once('=').with_context(|| format!("--set {set:?} is not of the form key=value"))
}

/// Where a key is in a configuration. The name of a choice may be left out: an object that holds nothing but the choice
/// made is passed through, so that `world.misread` is `world.lexicon.misread`.
fn pointer(config: &Value, key: &str) -> Option<String> {
    let (mut at, mut path) = (config, String::new());
    for part in key.split('.') {
        while at.get(part).is_none() {
            let (choice, inner) = at.as_object().filter(|object| object.len() == 1)?.iter().next()?;
            (at, path) = (inner, format!("{path}/{choice}"));
        }
        (at, path) = (at.get(part)?, format!("{path}/{part}"));
    }
    Some(path)
}

fn apply(config: &mut Value, set: &str) -> Result<()> {
    let (key, text) = split(set)?;
    let known = keys(config);
    let Some(field) = pointer(config, key).and_then(|path| config.pointer_mut(&path)) else {
        return Err(unknown(key, &known));
    };
    // JSON where it is JSON (numbers, lists, true), text otherwise.
    let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    let fits = match (&*field, &value) {
        (Value::Null, _) | (_, Value::Null) => true,
        // A choice with fields of its own and one without.
        (Value::Object(_), Value::String(_)) | (Value::String(_), Value::Object(_)) => true,
        (old, new) => std::mem::discriminant(old) == std::mem::discriminant(new),
    };
    if !fits {
        bail!("--set {key}: {text} does not fit; it is {field} now");
    }
    *field = value;
    Ok(())
}

/// A key and what it may be written as: the names of choices may be left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    whole: String,
    short: String,
}

fn unknown(key: &str, known: &[Known]) -> anyhow::Error {
    let distance = |known: &&Known| {
        let [whole, short] = [&known.whole, &known.short].map(|name| strsim::damerau_levenshtein(key, name));
        whole.min(short)
    };
    match known.iter().min_by_key(distance) {
        Some(Known { whole, .. }) => {
            anyhow::anyhow!("--set: there is no key `{key}`; the nearest is `{whole}`")
        }
        None => anyhow::anyhow!("--set: there is no key `{key}`"),
    }
}

/// All fields.
fn keys(value: &Value) -> Vec<Known> {
    let Value::Object(fields) = value else { return Vec::new() };
    let choice = fields.len() == 1;
    let mut out = Vec::new();
    for (name, inner) in fields {
        out.push(Known { whole: name.clone(), short: name.clone() });
        out.extend(keys(inner).into_iter().map(|Known { whole, short }| Known {
            whole: format!("{name}.{whole}"),
            short: if choice { short } else { format!("{name}.{short}") },
        }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Choice, Toy};

    fn set(text: &str) -> Result<Toy> {
        apply_all(&Toy::new("rft", 64), &[text.to_owned()])
    }

    #[test]
    fn one_field_changes() {
        assert_eq!(set("size=128").unwrap(), Toy::new("rft", 128));
        assert_eq!(set("name=dpo").unwrap(), Toy::new("dpo", 64));
    }

    #[test]
    fn the_name_of_a_choice_may_be_left_out() {
        for key in ["choice.fast.rate=0.25", "choice.rate=0.25"] {
            assert_eq!(set(key).unwrap().choice, Choice::Fast { rate: 0.25 });
        }
    }

    #[test]
    fn a_group_is_changed_alone() {
        let cells = [Toy::new("rft", 1), Toy::new("dpo", 1)];
        let changed = apply_some(&cells, &["dpo:size=2".into()]).unwrap();
        assert_eq!(changed.iter().map(|toy| toy.size).collect::<Vec<_>>(), [1, 2]);
        let error = apply_some(&cells, &["ppo:size=2".into()]).unwrap_err().to_string();
        assert_eq!(error, "--set ppo: there is no such group of cells");
    }

    #[test]
    fn errors_name_the_key() {
        let message = |text| format!("{:#}", set(text).unwrap_err());
        assert_eq!(message("siz=128"), "--set: there is no key `siz`; the nearest is `size`");
        assert_eq!(
            message("choice.rat=1"),
            "--set: there is no key `choice.rat`; the nearest is `choice.fast.rate`"
        );
        assert_eq!(message("size"), "--set \"size\" is not of the form key=value");
        assert_eq!(message("size=many"), "--set size: many does not fit; it is 64 now");
        assert!(message("size=-1").starts_with("--set size=-1 does not fit: "));
    }
}
