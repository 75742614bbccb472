//! Which completions one request asks for.

use crate::Ask;
use std::collections::HashMap;
use std::ops::Range;

/// Asks that one request is for: neighbors of the same prompt and prefix. Equal groups are sent once.
pub(crate) struct Group {
    /// Where each equal group begins.
    pub(crate) starts: Vec<usize>,
    pub(crate) len: usize,
}

impl Group {
    /// Where its first asks are.
    pub(crate) fn asks(&self) -> Range<usize> {
        self.starts[0]..self.starts[0] + self.len
    }
}

/// Neighbors of the same prompt and prefix, up to `choices` at once, equal groups together.
pub(crate) fn groups(asks: &[Ask], choices: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<&[Ask], usize> = HashMap::new();
    let same = |a: &Ask, b: &Ask| a.prompt == b.prompt && a.prefix == b.prefix;
    let mut start = 0;
    for run in asks.chunk_by(same) {
        for part in run.chunks(choices) {
            let group = *known.entry(part).or_insert(groups.len());
            match groups.get_mut(group) {
                Some(group) => group.starts.push(start),
                None => groups.push(Group { starts: vec![start], len: part.len() }),
            }
            start += part.len();
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_exchange::Prompt;
    use eightfold_task::Key;

    fn ask(prompt: &str, number: u64) -> Ask {
        let key = Key::new(0, "test").with(number);
        Ask { prompt: Prompt::Text(prompt.into()).into(), prefix: String::new(), key }
    }

    #[test]
    fn neighbors_of_one_prompt_share_a_request() {
        let asks = [ask("a", 0), ask("a", 1), ask("a", 2), ask("b", 0), ask("a", 3)];
        let shape = |choices| {
            let groups = groups(&asks, choices);
            groups.iter().map(|group| (group.starts.clone(), group.len)).collect::<Vec<_>>()
        };
        assert_eq!(shape(2), [(vec![0], 2), (vec![2], 1), (vec![3], 1), (vec![4], 1)]);
        assert_eq!(shape(1).len(), 5);
    }

    #[test]
    fn equal_asks_are_sent_once() {
        let asks = [ask("a", 0), ask("b", 0), ask("a", 0), ask("a", 1)];
        let groups = groups(&asks, 1);
        assert_eq!(groups[0].starts, [0, 2]);
        assert_eq!(groups.len(), 3);
    }
}
