//! The part of a sweep that one of several machines or array tasks runs.

use crate::configuration::Configuration;
use anyhow::{Result, bail};
use std::str::FromStr;

/// Part `index` of `parts`, written `i/n` with i from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    index: usize,
    parts: usize,
}

impl FromStr for Share {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split_once('/').map(|(index, parts)| (index.parse(), parts.parse()));
        match numbers {
            Some((Ok(index), Ok(parts))) if (1..=parts).contains(&index) => Ok(Self { index, parts }),
            _ => bail!("`{text}` is not a part like 2/4: from 1/4 to 4/4"),
        }
    }
}

impl Share {
    /// The cells of this part. All parts together are all cells, no cell is in two. Cells of one start, as
    /// an SFT checkpoint, stay together, so that no two machines train it; the parts' weights are about equal.
    pub fn of<C: Configuration>(self, cells: &[C]) -> Vec<C> {
        let mut groups: Vec<(String, Vec<&C>)> = Vec::new();
        for cell in cells {
            let start = cell.start();
            match groups.iter_mut().find(|(name, _)| *name == start) {
                Some((_, group)) => group.push(cell),
                None => groups.push((start, vec![cell])),
            }
        }
        let mut groups: Vec<Vec<&C>> = groups.into_iter().map(|(_, group)| group).collect();
        let weight = |group: &[&C]| group.iter().map(|cell| cell.weight()).sum::<f64>();
        groups.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let mut loads = vec![0.0_f64; self.parts];
        let mut out = Vec::new();
        for group in groups {
            let least = (0..self.parts).min_by(|&a, &b| loads[a].total_cmp(&loads[b])).unwrap_or(0);
            loads[least] += weight(&group);
            if least + 1 == self.index {
                out.extend(group.into_iter().cloned());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Toy;

    fn sweep() -> Vec<Toy> {
        let mut cells = Vec::new();
        for n in 1..10 {
            cells.push(Toy::new("step-dpo", n));
            cells.push(Toy::new("rft", n));
        }
        cells
    }

    #[test]
    fn parts_are_disjoint_and_complete() {
        let cells = sweep();
        for parts in 1..=12 {
            let mut ids: Vec<String> = (1..=parts)
                .flat_map(|index| Share { index, parts }.of(&cells))
                .map(|cell| cell.id())
                .collect();
            ids.sort();
            let mut all: Vec<String> = cells.iter().map(Toy::id).collect();
            all.sort();
            assert_eq!(ids, all, "{parts} parts");
        }
    }

    #[test]
    fn cells_of_one_start_stay_together() {
        let mine = Share { index: 2, parts: 4 }.of(&sweep());
        assert!(!mine.is_empty());
        for cell in &mine {
            let same = |other: &&Toy| other.size == cell.size;
            assert_eq!(mine.iter().filter(same).count(), 2, "{}", cell.id());
        }
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        assert_eq!("2/3".parse::<Share>().unwrap(), Share { index: 2, parts: 3 });
    }
}
