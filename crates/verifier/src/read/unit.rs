//! Units and nouns after a number.

mod changing;

pub(crate) use changing::changes_meaning;

/// A unit in one spelling. Two numbers with different units are not shown to be equal; a unit on one side
/// alone is taken to be understood on the other.
#[derive(Clone, Debug)]
pub(crate) enum Unit {
    Degrees,
    Percent,
    /// Any other unit or noun that may be left out.
    Named(String),
    /// Words after a number that are not known to be left out without a loss.
    Unknown(String),
}

/// Words after a percent or degree sign that the sign alone may stand for.
const LEFT_OUT: &[&str] =
    &["increase", "profit", "gain", "growth", "more", "rise", "interest", "celsius", "angle"];

impl Unit {
    /// A percent or degree sign with the words after it.
    pub(crate) fn signed(sign: &Self, words: Self) -> Self {
        let (Self::Named(words) | Self::Unknown(words)) = &words else { return words };
        let words = match (sign, words.as_str()) {
            (Self::Degrees, "c" | "celsius" | "centigrade") => "celsius",
            (Self::Degrees, "f" | "fahrenheit") => "fahrenheit",
            (Self::Degrees, "k" | "kelvin") => "kelvin",
            (_, other) => other,
        };
        let name = format!("{} {words}", if *sign == Self::Percent { "%" } else { "°" });
        let plain = LEFT_OUT.contains(&words) || words == "fahrenheit";
        if plain { Self::Named(name) } else { Self::Unknown(name) }
    }

    /// Whether the unit may be left out and understood.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// Whether this is a percent or degree sign with words after it.
    pub(crate) fn is_described(&self) -> bool {
        matches!(self, Self::Named(name) | Self::Unknown(name) if name.starts_with(['%', '°']))
    }
}

impl PartialEq for Unit {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Degrees, Self::Degrees) | (Self::Percent, Self::Percent) => true,
            (Self::Named(a) | Self::Unknown(a), Self::Named(b) | Self::Unknown(b)) => a == b,
            (Self::Degrees | Self::Percent | Self::Named(_) | Self::Unknown(_), _) => false,
        }
    }
}

/// Units that may stand in mathematical type without a text command.
const KNOWN: &[&str] = &[
    "cm", "mm", "km", "dm", "nm", "kg", "mg", "lb", "lbs", "oz", "ft", "in", "yd", "mi", "hr", "hrs", "min",
    "mins", "sec", "secs", "ms", "ml", "mL", "mph", "kph", "km/h", "rad", "deg", "Hz", "kHz", "MHz", "kW",
    "kWh", "sq", "cu", "USD", "EUR", "GBP", "usd", "am", "pm", "AM", "PM", "a.m", "p.m", "pts", "th", "st",
    "nd", "rd", "cents", "pt", "hp", "kJ", "kN", "Pa", "kPa", "mol",
];

/// Whether a run of letters is a unit even where a product of letters could stand.
pub(crate) fn is_known(word: &str) -> bool {
    KNOWN.contains(&word)
}

/// The unit that these words say, or `None` where they say more than a unit.
pub(crate) fn unit(words: &str) -> Option<Unit> {
    let words = words.trim().trim_end_matches(['.', ',', '!']).trim();
    match words.to_lowercase().as_str() {
        "percent" | "percents" | "per cent" | "percentage" | "pct" => return Some(Unit::Percent),
        "in" => return Some(Unit::Named("inch".to_owned())),
        _ => {}
    }
    let count = words.split_whitespace().count();
    if count == 0 || count > 5 || words.len() > 60 {
        return None;
    }
    let strange = |c: char| !(c.is_alphabetic() || " ./^-'()23".contains(c));
    if words.contains(strange) || words.split_whitespace().any(changes_meaning) {
        return None;
    }
    // A digit belongs to a unit as its power only: "cm^2", not "feet 3 inches".
    let bytes = words.as_bytes();
    let power = |at: usize| at > 0 && matches!(bytes[at - 1], b'^' | b'{' | b'-');
    if (0..bytes.len()).any(|at| bytes[at].is_ascii_digit() && !power(at)) {
        return None;
    }
    if !words.starts_with(char::is_alphabetic) {
        return None;
    }
    let lower = words.to_lowercase().replace("m/s/s", "m/s^2");
    Some(match lower.as_str() {
        "degree" | "degrees" | "deg" | "度" => Unit::Degrees,
        // An ordinal names the same number.
        "th" | "st" | "nd" | "rd" => Unit::Named(String::new()),
        _ if super::noun::is_countable(&lower) => Unit::Named(named(&lower)),
        _ => Unit::Unknown(named(&lower)),
    })
}

/// The common spelling of a unit: singular, abbreviations spelled out, spaces gone.
fn named(lower: &str) -> String {
    let spelled = |word: &str| -> String {
        let word = word.trim_matches(['.', '(', ')']);
        let full = match word {
            "$" | "usd" | "dollar" | "dollars" | "buck" | "bucks" => "dollar",
            "cents" | "cent" | "¢" => "cent",
            "€" | "eur" | "euro" | "euros" => "euro",
            "£" | "gbp" | "pounds-sterling" => "sterling",
            "cm" | "centimeter" | "centimeters" | "centimetre" | "centimetres" => "cm",
            "mm" | "millimeter" | "millimeters" | "millimetre" | "millimetres" => "mm",
            "m" | "meter" | "meters" | "metre" | "metres" => "m",
            "km" | "kilometer" | "kilometers" | "kilometre" | "kilometres" => "km",
            "ft" | "foot" | "feet" => "foot",
            "in" | "inch" | "inches" => "inch",
            "yd" | "yard" | "yards" => "yard",
            "mi" | "mile" | "miles" => "mile",
            "g" | "gram" | "grams" => "g",
            "kg" | "kilogram" | "kilograms" | "kilo" | "kilos" => "kg",
            "lb" | "lbs" | "pound" | "pounds" => "pound",
            "oz" | "ounce" | "ounces" => "ounce",
            "s" | "sec" | "secs" | "second" | "seconds" => "second",
            "min" | "mins" | "minute" | "minutes" => "minute",
            "h" | "hr" | "hrs" | "hour" | "hours" => "hour",
            "l" | "liter" | "liters" | "litre" | "litres" => "liter",
            "ml" | "milliliter" | "milliliters" | "millilitre" | "millilitres" => "ml",
            "mg" | "milligram" | "milligrams" => "mg",
            "j" | "joule" | "joules" => "joule",
            "n" | "newton" | "newtons" => "newton",
            "w" | "watt" | "watts" => "watt",
            "v" | "volt" | "volts" => "volt",
            "hz" | "hertz" => "hertz",
            "db" | "decibel" | "decibels" => "decibel",
            "gal" | "gallon" | "gallons" => "gallon",
            "元" | "块" | "yuan" | "rmb" | "cny" => "yuan",
            "¥" | "yen" | "jpy" | "円" => "yen",
            "day" | "days" | "天" => "day",
            "sq" | "square" => "square",
            "cu" | "cubic" => "cubic",
            "people" | "persons" | "person" => "person",
            "children" | "child" => "child",
            "a.m" | "am" => "am",
            "p.m" | "pm" => "pm",
            "kph" | "km/h" | "kmh" => "km/hour",
            "mph" => "mileperhour",
            other => {
                let singular = other.strip_suffix('s').filter(|w| w.len() > 2 && !w.ends_with('s'));
                return singular.unwrap_or(other).to_owned();
            }
        };
        full.to_owned()
    };
    let joined: String = lower.split_whitespace().map(spelled).collect();
    // "cm^2" and "square cm" are one unit.
    for (power, name) in [("^2", "square"), ("^3", "cubic"), ("²", "square"), ("³", "cubic")] {
        if let Some(base) = joined.strip_suffix(power) {
            return format!("{name}{}", spelled(base));
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet_and_meanings_do_not() {
        assert_eq!(unit("square centimeters"), unit("cm^2"));
        assert_eq!(unit("apples"), unit("apple."));
        assert_ne!(unit("cm"), unit("m"));
        assert_ne!(unit("cm"), unit("cm^2"));
        for words in ["more than", "million", "out of ten", "", "5 apples", "below zero", "less"] {
            assert_eq!(unit(words), None, "{words}");
        }
    }
}
