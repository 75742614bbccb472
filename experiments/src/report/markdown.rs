//! Notes of figures, which are Markdown, as HTML.

use markdown::{Options, to_html_with_options};

/// Paragraphs and tables of Markdown as HTML. HTML in it becomes text.
pub(super) fn to_html(markdown: &str) -> String {
    // Only a syntax error of MDX is an error, and MDX is not read.
    to_html_with_options(markdown, &Options::gfm()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_become_tables_and_html_becomes_text() {
        let html = to_html("**a** <script>x</script>\n\n| n |\n|---|\n| 1 < 2 |\n\n```text\n<b>\n```\n");
        for part in ["<strong>a</strong>", "&lt;script&gt;", "<td>1 &lt; 2</td>", "&lt;b&gt;"] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<script"));
    }
}
