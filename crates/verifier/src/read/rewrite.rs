//! Spellings that are read as another spelling of the same: `C(10,3)`, `10'000`, `0.\dot{3}`, `]1, 5[`.

/// The answer in the spelling that the parser knows; `None` where it is as it should be.
pub(super) fn rewritten(plain: &str) -> Option<String> {
    if plain.len() > 400 {
        return None;
    }
    grouped(plain)
        .or_else(|| repeating(plain))
        .or_else(|| outward(plain))
        .or_else(|| combinations(plain))
        .or_else(|| parts(plain))
        .or_else(|| quoted(plain))
        .or_else(|| feet(plain))
        .or_else(|| currency(plain))
        .or_else(|| below_zero(plain))
        .or_else(|| imaginary(plain))
        .or_else(|| parameter(plain))
}

/// `10'000` and `10_000`.
fn grouped(plain: &str) -> Option<String> {
    let separator = ['\'', '_'].into_iter().find(|sign| plain.contains(*sign))?;
    let unsigned = plain.strip_prefix('-').unwrap_or(plain);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let mut groups = whole.split(separator);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next()?;
    let grouped = digits(first)
        && first.len() <= 3
        && !first.starts_with('0')
        && digits(fraction)
        && groups.all(|group| group.len() == 3 && digits(group));
    grouped.then(|| plain.replace(separator, ""))
}

/// Digits that repeat, marked by dots above the first and last or by a line above each.
fn repeating(plain: &str) -> Option<String> {
    if plain.contains('\u{305}') {
        let mut out = String::new();
        let mut block = String::new();
        for c in plain.chars() {
            match c {
                '\u{305}' => block.extend(out.pop()),
                _ if block.is_empty() => out.push(c),
                _ if c.is_ascii_digit() => out.push(c),
                _ => return None,
            }
        }
        return (!block.is_empty() && out.contains('.')).then(|| format!(r"{out}\overline{{{block}}}"));
    }
    let (before, rest) = plain.split_once(r"\dot{").or_else(|| plain.split_once(r"\dot "))?;
    if !before.contains('.')
        || !before.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit() || b == b'.')
    {
        return None;
    }
    let rest: String = rest.chars().filter(|c| !"{} ".contains(*c)).collect();
    let block = rest.replace(r"\dot", "");
    let dotted =
        rest.matches(r"\dot").count() <= 1 && (rest.len() == 1 || rest[..rest.len() - 1].ends_with(r"\dot"));
    (dotted && block.bytes().all(|b| b.is_ascii_digit())).then(|| format!(r"{before}\overline{{{block}}}"))
}

/// `]1, 5[` is an open interval.
fn outward(plain: &str) -> Option<String> {
    let inside = plain.strip_prefix([']', '['])?.strip_suffix(['[', ']'])?;
    let (open, close) = (plain.starts_with('['), plain.ends_with(']'));
    if open && close || inside.contains(['[', ']']) || inside.matches([',', ';']).count() != 1 {
        return None;
    }
    Some(format!("{}{inside}{}", if open { '[' } else { '(' }, if close { ']' } else { ')' }))
}

/// `C(10, 3)`, `{}_{10}C_3`, `^{10}C_3` and "10 choose 3".
fn combinations(plain: &str) -> Option<String> {
    if !plain.contains('C') && !plain.contains("choose") && !plain.starts_with("nCr") {
        return None;
    }
    let tight: String = plain.chars().filter(|c| !"{} ".contains(*c)).collect();
    let digits = |text: &str| !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    let pair = if let Some(inside) = tight.strip_prefix("C(").or(tight.strip_prefix("nCr(")) {
        inside.strip_suffix(')')?.split_once(',')
    } else if tight.contains("choose") && !tight.contains(r"\choose") {
        let words = tight.replace(r"\text", "");
        let (n, k) = words.split_once("choose")?;
        return (digits(n) && digits(k)).then(|| format!(r"\binom{{{n}}}{{{k}}}"));
    } else {
        let (n, k) = tight.split_once('C')?;
        let raised = n.starts_with(['_', '^']);
        let bare = n.trim_start_matches(['_', '^']);
        let k = k.strip_prefix('_').unwrap_or(k);
        (raised || digits(n)).then_some((bare, k))
    };
    let (n, k) = pair?;
    (digits(n) && digits(k)).then(|| format!(r"\binom{{{n}}}{{{k}}}"))
}

/// "(a) 5 (b) 7" gives two answers in their order.
fn parts(plain: &str) -> Option<String> {
    if !plain.contains("(a)") || !plain.contains("(b)") {
        return None;
    }
    let text = plain.replace(r"\text", "").replace(['{', '}'], "");
    let text = text.trim();
    if plain.contains('^') || plain.contains(r"\frac") {
        return None;
    }
    let (mut items, mut rest) = (Vec::new(), text);
    for letter in ["(a)", "(b)", "(c)", "(d)", "(e)"] {
        let Some(after) = rest.strip_prefix(letter) else { break };
        let end = ["(b)", "(c)", "(d)", "(e)"]
            .iter()
            .filter_map(|next| after.find(next))
            .min()
            .unwrap_or(after.len());
        items.push(after[..end].trim().trim_end_matches([',', ';', '.']).trim());
        rest = &after[end..];
    }
    (items.len() > 1 && rest.is_empty() && items.iter().all(|item| !item.is_empty())).then(|| {
        let named =
            items.iter().zip(["a", "b", "c", "d", "e"]).map(|(item, name)| format!("{name} = {item}"));
        named.collect::<Vec<_>>().join(", ")
    })
}

/// `["12"]`, a list of one answer as data sets write it.
fn quoted(plain: &str) -> Option<String> {
    let inside = plain.strip_prefix('[')?.strip_suffix(']')?.trim();
    ["\"", "'"].iter().find_map(|quote| {
        let item = inside.strip_prefix(quote)?.strip_suffix(quote)?;
        (!item.contains(quote)).then(|| item.to_owned())
    })
}

/// `6'` is six feet, and `5'6''` five feet and six inches.
fn feet(plain: &str) -> Option<String> {
    let (feet, inches) = plain.split_once('\'')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let inches = inches.trim();
    if !digits(feet) {
        return None;
    }
    if inches.is_empty() {
        return Some(format!("{feet} feet"));
    }
    let inches = inches.strip_suffix("''").or(inches.strip_suffix('"'))?;
    digits(inches).then(|| format!("{feet} ft {inches} in"))
}

/// A code or sign of a currency before the number: `USD 12`, `₹500`.
fn currency(plain: &str) -> Option<String> {
    const BEFORE: &[(&str, &str)] = &[
        ("USD", "dollars"),
        ("US$", "dollars"),
        (r"US\$", "dollars"),
        ("EUR", "euros"),
        ("GBP", "sterling"),
        ("INR", "rupees"),
        ("Rs.", "rupees"),
        ("Rs", "rupees"),
        ("₹", "rupees"),
        ("¥", "yen"),
        ("￥", "yen"),
        ("JPY", "yen"),
        ("CNY", "yuan"),
        ("RMB", "yuan"),
        ("₩", "won"),
    ];
    if !plain.starts_with(|c: char| c.is_ascii_uppercase() || c == '\\' || !c.is_ascii()) {
        return None;
    }
    let (code, unit) = BEFORE.iter().find(|(code, _)| plain.starts_with(code))?;
    let number = plain[code.len()..].trim();
    number.starts_with(|c: char| c.is_ascii_digit()).then(|| format!("{number} {unit}"))
}

/// `sqrt(3)*I` as programs print it.
fn imaginary(plain: &str) -> Option<String> {
    let printed = plain.contains("*I") && !plain.contains('\\') && !plain.contains('=');
    let alone = plain.split(|c: char| !c.is_alphanumeric()).all(|word| word == "I" || !word.contains('I'));
    let known = plain.split(|c: char| !c.is_alphabetic()).all(|word| ["", "I", "sqrt", "pi"].contains(&word));
    (printed && alone && known).then(|| plain.replace('I', "i"))
}

/// "where k is an integer" says `k \\in \\mathbb{Z}`.
fn parameter(plain: &str) -> Option<String> {
    if !plain.contains("integer") {
        return None;
    }
    let text = plain.replace(r"\text", "").replace("{ ", " ").replace(" }", " ");
    let (head, rest) =
        [" where ", " for ", ", where ", " with "].iter().find_map(|word| text.split_once(word))?;
    let words: Vec<&str> = rest
        .split(|c: char| c.is_whitespace() || "{}.".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let name = match words[..] {
        [name, "is", "an", "integer"]
        | [name, "is", "any", "integer"]
        | ["any", "integer", name]
        | ["all", "integers", name]
        | ["integer", name]
        | ["integers", name]
        | ["some", "integer", name] => name,
        _ => return None,
    };
    let letter = name.len() == 1 && name.bytes().all(|b| b.is_ascii_lowercase());
    letter.then(|| format!(r"{}, {name}\in\mathbb{{Z}}", head.trim_end_matches([',', ' ', '{'])))
}

/// "20° below zero" is negative.
fn below_zero(plain: &str) -> Option<String> {
    let text = plain.replace(r"\text", "");
    let text =
        text.trim().trim_end_matches('}').trim_end().strip_suffix("below zero")?.trim_end_matches([' ', '{']);
    text.starts_with(|c: char| c.is_ascii_digit()).then(|| format!("-{text}"))
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn other_spellings_become_known_ones() {
        let cases = [
            ("10'000", "10000"),
            ("-1_234_567.5", "-1234567.5"),
            (r"0.\dot{3}", r"0.\overline{3}"),
            (r"0.\dot{1}4285\dot{7}", r"0.\overline{142857}"),
            ("0.3\u{305}", r"0.\overline{3}"),
            ("]1,5[", "(1,5)"),
            ("[1,5[", "[1,5)"),
            ("C(10,3)", r"\binom{10}{3}"),
            ("{}_{10}C_3", r"\binom{10}{3}"),
            ("^{10}C_3", r"\binom{10}{3}"),
            (r"10\text{ choose }3", r"\binom{10}{3}"),
            ("(a) 5 (b) 7", "a = 5, b = 7"),
            ("[\"12\"]", "12"),
            ("6'", "6 feet"),
            ("USD 12", "12 dollars"),
        ];
        for (text, known) in cases {
            assert_eq!(rewritten(text).as_deref(), Some(known), "{text}");
        }
        for text in
            ["f'", "1011_2", "[1,5]", "10'00", r"\dot{x}", "C(x)", "5C", "20 C", "(a)", "[1]", "x' + 1"]
        {
            assert_eq!(rewritten(text), None, "{text}");
        }
    }
}
