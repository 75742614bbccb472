//! When two questions are the same question: their words, without case, punctuation and white space.

/// The words of a text: runs of letters and digits in lower case. A number keeps its decimal point and
/// loses its thousands commas, so that `1,000.5` is one word.
pub fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let (mut words, mut word) = (Vec::new(), String::new());
    for (i, &c) in characters.iter().enumerate() {
        let beside =
            |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_digit);
        let inside = beside(i.checked_sub(1)) && beside(Some(i + 1));
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if c == '.' && inside {
            word.push(c);
        } else if c == ',' && inside {
            // A thousands comma.
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The words of a text with one space between each two. Two questions with the same normal text are the same.
pub fn normal_text(text: &str) -> String {
    words(text).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_words() {
        let found = words("She has $1,000.50, 3 dogs,4 cats. It's 5.");
        assert_eq!(found, ["she", "has", "1000.50", "3", "dogs", "4", "cats", "it", "s", "5"]);
        assert_eq!(words(" ?! "), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn normal_text_is_normal(text in "(?s).{0,40}", number in "[0-9,.]{0,12}") {
            let once = normal_text(&(text + &number));
            prop_assert_eq!(normal_text(&once), once);
        }

        #[test]
        fn case_and_spaces_do_not_count(text in "[a-zA-Z0-9 ,.?]{0,60}") {
            let other = format!("\n{} !", text.to_uppercase().replace(' ', "  "));
            prop_assert_eq!(normal_text(&other), normal_text(&text));
        }
    }
}
