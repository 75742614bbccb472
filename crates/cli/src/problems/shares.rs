//! Which part a problem falls into.

use eightfold_exchange::Split;
use eightfold_task::Key;
use std::str::FromStr;

/// The shares of training, validation and test problems; they add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shares([f64; 3]);

/// A part by its name.
pub(crate) fn part(name: &str) -> Result<Split, String> {
    let named = Split::ALL.into_iter().find(|split| split.to_string() == name);
    named.ok_or_else(|| "it is train, validation or test".to_owned())
}

impl FromStr for Shares {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(only) = part(text) {
            return Ok(Self(Split::ALL.map(|split| f64::from(u8::from(split == only)))));
        }
        let wrong =
            || "it is train, validation, test, or three shares that add up to 1, as 0.8,0.1,0.1".to_owned();
        let shares: Vec<f64> = text
            .split(',')
            .map(|share| share.trim().parse())
            .collect::<Result<_, _>>()
            .map_err(|_| wrong())?;
        let shares: [f64; 3] = shares.try_into().map_err(|_| wrong())?;
        let fits = shares.iter().all(|share| (0.0..=1.0).contains(share));
        if fits && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 { Ok(Self(shares)) } else { Err(wrong()) }
    }
}

impl Shares {
    /// The part of the question with this key.
    pub(crate) fn part(self, question: Key) -> Split {
        const PLACES: usize = 1 << 30;
        let place = question.below(PLACES) as f64 / PLACES as f64;
        let [train, validation, test] = self.0;
        if place < train {
            Split::Train
        } else if place < train + validation || test == 0.0 && validation > 0.0 {
            Split::Validation
        } else if test > 0.0 {
            Split::Test
        } else {
            Split::Train
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_names_or_three_numbers() {
        assert_eq!("test".parse(), Ok(Shares([0.0, 0.0, 1.0])));
        assert_eq!("0.8,0.1, 0.1".parse(), Ok(Shares([0.8, 0.1, 0.1])));
        for wrong in ["0.8,0.2", "0.8,0.1,0.2", "-0.1,1.0,0.1", "dev", "NaN,0,1", ""] {
            assert!(wrong.parse::<Shares>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn parts_have_their_shares_and_empty_ones_get_nothing() {
        let count = |shares: &str, part| {
            let shares: Shares = shares.parse().unwrap();
            (0..10_000).filter(|&seed| shares.part(Key::new(seed, "question")) == part).count()
        };
        for (part, expected) in [(Split::Train, 7000.0), (Split::Validation, 2000.0), (Split::Test, 1000.0)] {
            let found = count("0.7,0.2,0.1", part) as f64;
            assert!((found - expected).abs() < 5.0 * expected.sqrt(), "{part}: {found}");
        }
        assert_eq!(count("train", Split::Train), 10_000);
        assert_eq!(count("0.5,0.5,0", Split::Test), 0);
        assert_eq!(count("0.5,0,0.5", Split::Validation), 0);
    }
}
