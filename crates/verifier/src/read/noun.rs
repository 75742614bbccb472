//! Which words after a number name what is counted or measured, so that they may be left out.

/// Words in -s that name nothing that is counted: verbs, scales, and words that change the number.
const NOT_COUNTED: &str = "\
    plus minus times is was has does this less always perhaps besides thus excludes includes fails \
    works remains leaves equals exists holds applies changes tens hundreds thousands millions \
    billions trillions dozens scores gross lakhs crores halves thirds quarters others its as us \
    versus modulus across towards upwards downwards backwards sometimes afterwards squares cubes \
    powers roots logs multiples inverses reciprocals opposites negatives doubles triples pairs \
    couples bits digits places decimals loss losses process bis previous various plus-minus";

/// Nouns without -s, and units that are written out in other places.
const COUNTED: &str = "\
    people children child person men women man woman sheep fish deer geese mice feet teeth money \
    water sugar flour milk rice coffee tea bread cheese fruit juice paint candy food chalk paper \
    sand gas oil wood way ways item unit each total dice cattle staff luggage wine beer yarn pizza \
    cake salad cm mm m km dm nm ft foot in inch yd yard mi mile g gram kg mg kilogram lb pound oz \
    ounce s sec second min minute h hr hour day week month year l liter litre ml dl cl gal gallon \
    cup pint quart tablespoon teaspoon tbsp tsp meter metre centimeter centimetre millimeter \
    millimetre kilometer kilometre milliliter dollar usd eur euro gbp cent sterling yen yuan rmb cny \
    jpy inr rupee rs won mph kph kmh rad radian hz khz mhz w kw kwh watt v volt a amp ampere j joule \
    kj cal calorie kcal n newton kn pa kpa pascal mol mole kelvin c hp ohm db decibel hertz kb mb gb \
    tb byte am pm a.m p.m pt pts point acre hectare ha ton tonne t sq cu fps rpm bpm ms per ppm knot \
    degree student egg apple percentage 人 个 元 度 米 厘米 千米 公里 千克 克 天 小时 分钟 秒 年 月 种 岁 本 只 块 平方米 立方米 平方厘米 \
    枚 张 名 次 件 公斤 角 辆 棵 页 円 人民币 美元";

/// Whether words name something counted or measured: a known unit, or a noun in the plural, with words before it.
pub(super) fn is_countable(lower: &str) -> bool {
    let mut words = lower
        .split(|c: char| c.is_whitespace() || "/^-{}()²³23.".contains(c))
        .filter(|word| !word.is_empty());
    let mut head = false;
    let described = words.all(|word| {
        let counted = is_noun(word);
        head |= counted;
        counted || is_plain(word)
    });
    described && head
}

/// Whether a word is one of these, which have white space between them.
fn lists(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|listed| listed == word)
}

fn is_noun(word: &str) -> bool {
    // A Chinese measure word, with the noun after it.
    let measure = |c: char| c > '\u{3000}' && lists(COUNTED, c.encode_utf8(&mut [0; 4]));
    word.starts_with(measure) || lists(COUNTED, word) || (is_plural(word) && !lists(NOT_COUNTED, word))
}

fn is_plural(word: &str) -> bool {
    const PARTS: &[&str] = &[
        "lengths", "widths", "depths", "months", "births", "deaths", "paths", "baths", "moths", "youths",
        "mouths", "cloths", "truths",
    ];
    let fraction = word.ends_with("ths") && !PARTS.contains(&word);
    word.len() > 2
        && word.ends_with('s')
        && !word.ends_with("ss")
        && !word.ends_with("us")
        && !fraction
        && word.chars().all(char::is_alphabetic)
}

/// Whether a word beside a noun leaves the number as it is: not one that scales, denies or takes away.
fn is_plain(word: &str) -> bool {
    const CHANGING: &str = "\
    score octal binary hexadecimal hex decimal doubled tripled halved excluded removed mil mill bn \
    gross mod non un excluding including inclusive exclusive rejected extraneous invalid impossible \
    negative minus plus missing decrease loss fewer lakh crore lac million billion trillion thousand \
    hundred dozen k percent squared cubed factorial half quarter third fails wrong false";
    word.chars().all(char::is_alphabetic) && !lists(CHANGING, word) && !lists(NOT_COUNTED, word)
}

#[cfg(test)]
mod tests {
    use super::is_countable;

    #[test]
    fn plurals_are_counted_and_changes_are_not() {
        for words in
            ["apples", "red apples", "square inches", "m/s", "cups of sugar", "people", "km^2", "cm²"]
        {
            assert!(is_countable(words), "{words}");
        }
        for words in [
            "octal",
            "excluded",
            "score",
            "doubled",
            "mil",
            "crore",
            "fails",
            "lakh units",
            "tens",
            "sixteenths",
        ] {
            assert!(!is_countable(words), "{words}");
        }
    }
}
