//! What a relation word can mean: one of six unary operations on counts modulo 10.

/// Counts live modulo this number, so that every count is one digit and one token.
pub const MODULUS: u8 = 10;

/// A reading of a relation word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// `+1`
    Add1,
    /// `+2`
    Add2,
    /// `+3`
    Add3,
    /// `-1`
    Subtract1,
    /// `*2`
    Double,
    /// `*3`
    Triple,
}

/// One number for each operation, in the order of [`Operation::ALL`].
pub type Readings = [f64; Operation::ALL.len()];

impl Operation {
    /// Every operation, in the order that [`Readings`] are indexed by.
    pub const ALL: [Self; 6] =
        [Self::Add1, Self::Add2, Self::Add3, Self::Subtract1, Self::Double, Self::Triple];

    /// The place of this operation in [`Operation::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The token that a solution writes for this operation.
    pub fn token(self) -> &'static str {
        ["+1", "+2", "+3", "-1", "*2", "*3"][self.index()]
    }

    /// The operation that this token stands for.
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.token() == token)
    }

    /// The result of this operation on a count, modulo [`MODULUS`].
    pub fn apply(self, count: u8) -> u8 {
        let result = match self {
            Self::Add1 => count + 1,
            Self::Add2 => count + 2,
            Self::Add3 => count + 3,
            Self::Subtract1 => count + MODULUS - 1,
            Self::Double => 2 * count,
            Self::Triple => 3 * count,
        };
        result % MODULUS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_name_operations() {
        for (index, operation) in Operation::ALL.into_iter().enumerate() {
            assert_eq!(operation.index(), index);
            assert_eq!(Operation::from_token(operation.token()), Some(operation));
        }
        assert_eq!(Operation::from_token("+4"), None);
    }

    #[test]
    fn results_are_digits() {
        assert_eq!(Operation::Subtract1.apply(0), 9);
        assert_eq!(Operation::Triple.apply(7), 1);
        assert_eq!(Operation::Add3.apply(9), 2);
        for operation in Operation::ALL {
            assert!((0..MODULUS).all(|count| operation.apply(count) < MODULUS));
        }
    }
}
