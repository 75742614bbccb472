//! Names by content.

use std::fmt;

/// The name of a content: half of its hash, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentId([u8; 16]);

impl ContentId {
    /// The name of some parts. Parts are told apart: `["ab", "c"]` and `["a", "bc"]` have different names.
    pub fn of<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            let part = part.as_ref();
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(id)
    }

    /// The name with this text, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = (text.len() == 32 && text.is_ascii()).then_some(text)?;
        u128::from_str_radix(digits, 16).ok().map(|bits| Self(bits.to_be_bytes()))
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_parts() {
        let id = ContentId::of(["ab", "c"]);
        assert_eq!(id, ContentId::of([b"ab".as_slice(), b"c"]));
        for other in [&["a", "bc"][..], &["abc"], &["ab", "c", ""], &["c", "ab"]] {
            assert_ne!(id, ContentId::of(other), "{other:?}");
        }
    }

    #[test]
    fn a_name_is_read_back_from_its_text() {
        let id = ContentId::of(["x"]);
        assert_eq!(ContentId::parse(&id.to_string()), Some(id));
        assert!(ContentId::parse("12").is_none() && ContentId::parse(&"é".repeat(16)).is_none());
    }
}
