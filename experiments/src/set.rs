//! `--set world.relations=128`: one field of a configuration, by its path.

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

/// Each configuration with all settings applied. A key need not be in every one of them: a method's own field
/// is set where the method is. But it must be in at least one.
///
/// # Errors
/// As [`apply_all`].
pub fn apply_some<T: Serialize + DeserializeOwned>(configs: &[T], sets: &[String]) -> Result<Vec<T>> {
    let mut values = configs.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    for set in sets {
        let (key, _) = split(set)?;
        if !values.iter().any(|value| pointer(value, key).is_some()) {
            let mut known: Vec<String> = values.iter().flat_map(keys).collect();
            known.sort();
            known.dedup();
            return Err(unknown(key, &known));
        }
        for value in values.iter_mut().filter(|value| pointer(value, key).is_some()) {
            apply(value, set)?;
        }
    }
    values.into_iter().map(|value| read(value, sets)).collect()
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

fn unknown(key: &str, known: &[String]) -> anyhow::Error {
    match known.iter().min_by_key(|other| strsim::damerau_levenshtein(key, other)) {
        Some(nearest) => anyhow::anyhow!("--set: there is no key `{key}`; the nearest is `{nearest}`"),
        None => anyhow::anyhow!("--set: there is no key `{key}`"),
    }
}

/// Paths of all fields.
fn keys(value: &Value) -> Vec<String> {
    let Value::Object(fields) = value else { return Vec::new() };
    let mut out = Vec::new();
    for (name, inner) in fields {
        out.push(name.clone());
        out.extend(keys(inner).into_iter().map(|rest| format!("{name}.{rest}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_task::lexicon::LexiconConfig;

    fn set(text: &str) -> Result<LexiconConfig> {
        apply_all(&LexiconConfig::default(), &[text.to_owned()])
    }

    #[test]
    fn one_field_changes() {
        assert_eq!(
            set("relations=128").unwrap(),
            LexiconConfig { relations: 128, ..LexiconConfig::default() }
        );
        assert_eq!(set("misread=[0.1,0.5]").unwrap().misread, [0.1, 0.5]);
        assert_eq!(set("asked=anyone").unwrap().asked, eightfold_task::lexicon::Asked::Anyone);
    }

    #[test]
    fn errors_name_the_key() {
        let message = |text| format!("{:#}", set(text).unwrap_err());
        assert_eq!(message("relation=128"), "--set: there is no key `relation`; the nearest is `relations`");
        assert_eq!(message("relations"), "--set \"relations\" is not of the form key=value");
        assert_eq!(message("relations=many"), "--set relations: many does not fit; it is 64 now");
        assert!(message("relations=-1").starts_with("--set relations=-1 does not fit: "));
    }
}
