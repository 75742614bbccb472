//! Units of one dimension, and what they are in its base unit.

use super::unit::Unit;
use crate::number::{Rational, ratio};

/// A dimension whose units are multiples of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    Length,
    Mass,
    Time,
    Volume,
    Money,
}

/// The dimension of a unit, and how many of its base unit it is: meters, grams, seconds, liters or dollars.
pub(crate) fn in_base_unit(unit: &Unit) -> Option<(Dimension, Rational)> {
    let Unit::Named(name) = unit else { return None };
    let (dimension, above, below) = match name.as_str() {
        "mm" => (Dimension::Length, 1, 1_000),
        "cm" => (Dimension::Length, 1, 100),
        "dm" => (Dimension::Length, 1, 10),
        "m" => (Dimension::Length, 1, 1),
        "km" => (Dimension::Length, 1_000, 1),
        "inch" => (Dimension::Length, 254, 10_000),
        "foot" => (Dimension::Length, 3_048, 10_000),
        "yard" => (Dimension::Length, 9_144, 10_000),
        "mile" => (Dimension::Length, 1_609_344, 1_000),
        "mg" => (Dimension::Mass, 1, 1_000),
        "g" => (Dimension::Mass, 1, 1),
        "kg" => (Dimension::Mass, 1_000, 1),
        "ounce" => (Dimension::Mass, 45_359_237, 1_600_000),
        "pound" => (Dimension::Mass, 45_359_237, 100_000),
        "second" => (Dimension::Time, 1, 1),
        "minute" => (Dimension::Time, 60, 1),
        "hour" => (Dimension::Time, 3_600, 1),
        "day" => (Dimension::Time, 86_400, 1),
        "week" => (Dimension::Time, 604_800, 1),
        "ml" => (Dimension::Volume, 1, 1_000),
        "liter" => (Dimension::Volume, 1, 1),
        "cent" => (Dimension::Money, 1, 100),
        "dollar" => (Dimension::Money, 1, 1),
        _ => return None,
    };
    Some((dimension, ratio(above, below)))
}
