//! Laws of grading, on random expressions and random text.

use crate::{Grader, Judgment, Marker, extract};
use proptest::prelude::*;

fn equal(gold: &str, pred: &str) -> bool {
    Grader::default().compare(gold, pred).judgment == Judgment::Equal
}

/// A random expression in two unknowns, with its value in floating point at a fixed point.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (1i64..30).prop_map(|n| n.to_string()),
        (1i64..9, 2i64..9).prop_map(|(n, d)| format!(r"\frac{{{n}}}{{{d}}}")),
        Just("x".to_owned()),
        Just("y".to_owned()),
        (2i64..20).prop_map(|n| format!(r"\sqrt{{{n}}}")),
        Just(r"\pi".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} - {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!(r"{{{a}}} \cdot {{{b}}}")),
            (inner.clone(), 1u8..4).prop_map(|(a, n)| format!("({a})^{n}")),
        ]
    })
}

/// Rewrites that change how an answer is written and not what it says.
fn rewrites(text: &str) -> Vec<String> {
    vec![
        text.replace('(', r"\left(").replace(')', r"\right)"),
        text.replace(r"\frac", r"\dfrac"),
        text.replace(" + ", "+").replace(" - ", "-"),
        text.replace(' ', "  "),
        text.replace(r"\cdot", r"\times"),
        format!("${text}$"),
        format!(r"\boxed{{{text}}}"),
        format!(" {text} ."),
        format!("({text})"),
        format!(r"{text} + 0"),
        format!(r"1 \cdot ({text})"),
        format!(r"\frac{{2 ({text})}}{{2}}"),
        format!("-(-({text}))"),
    ]
}

proptest! {
    #[test]
    fn an_expression_is_itself_however_it_is_written(a in expression()) {
        prop_assert!(equal(&a, &a));
        for other in rewrites(&a) {
            prop_assert!(equal(&a, &other), "{a} / {other}");
            prop_assert!(equal(&other, &a), "{other} / {a}");
        }
    }

    #[test]
    fn sums_commute_and_products_expand(a in expression(), b in expression(), c in expression()) {
        let (left, right) = (format!("{a} + {b}"), format!("{b} + {a}"));
        prop_assert!(equal(&left, &right), "{left} / {right}");
        let (left, right) = (format!("({a})({b} + {c})"), format!("({a})({b}) + ({a})({c})"));
        prop_assert!(equal(&left, &right), "{left} / {right}");
        let (left, right) = (format!("({a} + {b})^2"), format!(r"({a})^2 + 2 \cdot ({a})({b}) + ({b})^2"));
        prop_assert!(equal(&left, &right), "{left} / {right}");
    }

    #[test]
    fn what_is_added_shows(a in expression(), n in 1i64..1000, d in 1i64..1000) {
        for other in [format!(r"{a} + \frac{{{n}}}{{{d}}}"), format!(r"{a} - \frac{{{n}}}{{1000000}} x^2")] {
            prop_assert!(!equal(&a, &other), "{a} / {other}");
        }
        let (left, right) = (format!("({a})^2 + 1"), format!("-({a})^2 - 1"));
        prop_assert!(!equal(&left, &right), "{left} / {right}");
    }

    #[test]
    fn judgments_do_not_depend_on_the_side(a in expression(), b in expression()) {
        prop_assert_eq!(equal(&a, &b), equal(&b, &a));
    }

    #[test]
    fn numerals_say_their_value(n in -1_000_000i64..1_000_000, k in 1i64..50, decimals in 0usize..6) {
        let commas = |n: i64| {
            let digits = n.unsigned_abs().to_string();
            let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|g| String::from_utf8_lossy(g)).collect();
            format!("{}{}", if n < 0 { "-" } else { "" }, groups.join(","))
        };
        let plain = n.to_string();
        let mut same = vec![commas(n), commas(n).replace(',', "{,}"), format!("{n}."), format!("${n}"), format!("{n} points")];
        same.push(format!("{n}.{}", "0".repeat(decimals + 1)));
        same.push(format!(r"\frac{{{}}}{{{k}}}", n * k));
        same.push(format!("{}/{k}", n * k));
        for other in same {
            prop_assert!(equal(&plain, &other), "{plain} / {other}");
        }
        for other in [n + 1, n - 1, n * 10, -n - 1] {
            if other != n {
                prop_assert!(!equal(&plain, &other.to_string()));
                prop_assert!(!equal(&plain, &commas(other)));
                prop_assert!(!equal(&plain, &(other.to_string() + " points")));
            }
        }
    }

    #[test]
    fn order_counts_in_tuples_and_not_in_sets(mut items in prop::collection::vec(-50i64..50, 2..6), at in 0usize..5) {
        let joined = |items: &[i64]| items.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let braced = |items: &[i64]| [r"\{", &joined(items), r"\}"].concat();
        let (tuple, set) = (format!("({})", joined(&items)), braced(&items));
        let before = items.clone();
        let at = at % (items.len() - 1);
        items.swap(at, at + 1);
        prop_assert!(equal(&set, &braced(&items)));
        let swapped = format!("({})", joined(&items));
        prop_assert_eq!(equal(&tuple, &swapped), before == items);
        items[at] += 100;
        prop_assert!(!equal(&set, &braced(&items)));
    }

    #[test]
    fn ends_of_intervals_show(a in -20i64..20, width in 1i64..20, left: bool, right: bool, c: bool, d: bool) {
        let b = a + width;
        let interval = |l: bool, r: bool| format!("{}{a}, {b}{}", if l { '[' } else { '(' }, if r { ']' } else { ')' });
        let chain = |l: bool, r: bool| {
            format!("{a} {} x {} {b}", if l { r"\le" } else { "<" }, if r { r"\le" } else { "<" })
        };
        let same = (left, right) == (c, d);
        prop_assert_eq!(equal(&interval(left, right), &interval(c, d)), same);
        prop_assert_eq!(equal(&chain(left, right), &chain(c, d)), same);
        // A pair in round or square brackets may be a tuple or a list too, and against a chain it is an interval.
        prop_assert_eq!(equal(&interval(left, right), &chain(c, d)), same);
    }

    #[test]
    fn any_text_has_a_grade(gold in r"(?s).{0,60}", pred in r"(?s).{0,60}") {
        let grader = Grader::default();
        let grade = grader.grade(&gold, &pred);
        prop_assert_eq!(&grade, &grader.grade(&gold, &pred));
        grader.compare(&gold, &pred);
        grader.normal_form(&pred);
        if let Some(found) = extract(&pred, &Marker::ALL) {
            prop_assert!(found.spans.iter().all(|span| pred.get(span.clone()).is_some()));
        }
    }

    #[test]
    fn any_row_of_signs_has_a_grade(
        gold in prop::collection::vec(prop::sample::select(SIGNS), 0..25),
        pred in prop::collection::vec(prop::sample::select(SIGNS), 0..25),
    ) {
        let (gold, pred) = (gold.concat(), pred.concat());
        let grader = Grader::default();
        let grade = grader.compare(&gold, &pred);
        prop_assert_eq!(&grade, &grader.compare(&gold, &pred));
        grader.grade(&gold, &pred);
        if !gold.trim().is_empty() {
            prop_assert_eq!(grader.compare(&gold, &gold).judgment, Judgment::Equal);
        }
    }
}

/// Pieces of answers, so that random rows of them reach deep into the grammar.
const SIGNS: &[&str] = &[
    "1",
    "2",
    "10",
    "0",
    "-1",
    "0.5",
    "1e9",
    "x",
    "y",
    "e",
    "i",
    r"\pi",
    "+",
    "-",
    "*",
    "/",
    "^",
    "_",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    r"\{",
    r"\}",
    ",",
    ";",
    ":",
    "=",
    "<",
    ">",
    r"\le",
    r"\ne",
    r"\pm",
    r"\in",
    r"\cup",
    r"\cap",
    r"\setminus",
    "|",
    "!",
    "%",
    "$",
    r"\frac",
    r"\frac12",
    r"\sqrt",
    r"\sqrt[3]",
    r"\binom",
    r"\ln",
    r"\log_2",
    r"\sin",
    r"\arctan",
    r"\tan",
    r"\infty",
    r"\lfloor",
    r"\rfloor",
    r"\boxed{",
    r"\text{and}",
    " or ",
    " ",
    r"\\",
    "&",
    r"\begin{pmatrix}",
    r"\end{pmatrix}",
    "A",
    "(B)",
    "degrees",
    " cm",
    r"^\circ",
    "not ",
    "the answer is ",
    "####",
    "\n",
    ". ",
    "²",
    "½",
    "√",
    "−",
    r"\mathbb{R}",
    "f(",
    "^{-1}",
];

#[test]
fn large_inputs_are_graded_and_never_shown_equal_to_others() {
    let deep = format!("{}1{}", "{".repeat(10_000), "}".repeat(10_000));
    let towers = "5^".repeat(500) + "5";
    let polynomial = (0..9_000).map(|k| format!("{k}x^{k}")).collect::<Vec<_>>().join("+");
    let inputs = [
        "5^5^5^5^5".to_owned(),
        towers,
        deep,
        polynomial,
        "(".repeat(50_000),
        "-".repeat(50_000),
        "!".repeat(50_000),
        format!("5{}", "!".repeat(10_000)),
        r"\boxed{".repeat(10_000),
        r"\frac".repeat(10_000),
        r"\sqrt".repeat(3_000),
        "sin ".repeat(4_000),
        "1/".repeat(5_000),
        "9".repeat(100_000),
        format!("1e{}", "9".repeat(50)),
        "(x+1)^".repeat(2_000),
        "(x+y+z+w)^{200}".to_owned(),
        "1,".repeat(9_000),
        "the answer is ".repeat(7_000),
        "$".repeat(100_000),
        "\\".repeat(100_000),
        "1+√".repeat(3_000),
        "|".repeat(9_000),
        r"\begin{pmatrix}1&2\\3&4\end{pmatrix}".repeat(100),
        r"\binom{1000000}{500000}".to_owned(),
        "100000!".to_owned(),
        r"\lfloor e^{1000} \rfloor".to_owned(),
        r"\cos(10^{400})".to_owned(),
        format!("x^{{{}}}", "9".repeat(400)),
        "(1+(1+(1+".repeat(3_000),
        "a_{".repeat(5_000),
        "answer: wait, ".repeat(5_000),
        // White space of two bytes before a number.
        "¤\u{85}0".to_owned(),
    ];
    let grader = Grader::default();
    for input in &inputs {
        for other in ["7", "x", r"\frac{1}{2}"] {
            let start: String = input.chars().take(30).collect();
            assert_ne!(grader.compare(input, other).judgment, Judgment::Equal, "{start}");
            assert_ne!(grader.compare(other, input).judgment, Judgment::Equal, "{start}");
        }
        grader.grade("7", input);
        assert_eq!(grader.compare(input, input).judgment, Judgment::Equal);
    }
}
