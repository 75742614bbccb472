//! Which prompts begin which: what has to be read once.

use eightfold_kernels::{Stem, joined};
use eightfold_task::{Draw, PolicyError};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The prompts of all draws as stems, but for those that `encode` leaves out. A prompt of which several others are
/// continuations joins the first of them.
///
/// # Errors
/// The first prompt that cannot be encoded.
pub(super) fn stems(
    draws: &[Draw],
    encode: impl Fn(&str) -> Result<Option<Vec<u32>>, PolicyError>,
) -> Result<Vec<Stem>, PolicyError> {
    let mut places = HashMap::new();
    let mut prompts: Vec<(Vec<u32>, Vec<usize>)> = Vec::new();
    for (i, draw) in draws.iter().enumerate() {
        let place = match places.entry(draw.prompt.as_str()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(encode(&draw.prompt)?.map(|tokens| {
                prompts.push((tokens, Vec::new()));
                prompts.len() - 1
            })),
        };
        if let Some(place) = place {
            prompts[place].1.push(i);
        }
    }
    Ok(joined(prompts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_task::Key;

    #[test]
    fn a_prompt_is_read_as_part_of_a_longer_one() {
        let prompts = ["ab", "b", "a", "abc", "ab", "abd", "ac", "long"];
        let draws = prompts.map(|prompt| Draw { prompt: prompt.into(), key: Key::new(0, "") });
        let bytes = |prompt: &str| Ok((prompt != "long").then(|| prompt.bytes().map(u32::from).collect()));
        let found = stems(&draws, bytes).unwrap();
        let stem = |text: &str, prompts: &[(usize, &[usize])]| Stem {
            tokens: text.bytes().map(u32::from).collect(),
            prompts: prompts.iter().map(|(length, draws)| (*length, draws.to_vec())).collect(),
        };
        let want = [
            stem("abc", &[(1, &[2]), (2, &[0, 4]), (3, &[3])]),
            stem("abd", &[(3, &[5])]),
            stem("ac", &[(2, &[6])]),
            stem("b", &[(1, &[1])]),
        ];
        assert_eq!(found, want);
    }
}
