//! What a file is that is no JSON lines, by how it begins.

/// Other kinds of files, and how each becomes JSON lines.
const BEGINNINGS: [(&[u8], &str, &str); 9] = [
    (b"\x1f\x8b", "compressed by gzip", "`gzip -dc FILE | eightfold ...` reads it"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "`zstd -dc FILE | eightfold ...` reads it"),
    (b"\xfd7zXZ\0", "compressed by xz", "`xz -dc FILE | eightfold ...` reads it"),
    (b"BZh", "compressed by bzip2", "`bzip2 -dc FILE | eightfold ...` reads it"),
    (b"PK\x03\x04", "a zip archive", "`unzip -p FILE | eightfold ...` reads it"),
    (
        b"PAR1",
        "Parquet",
        "`eightfold problems FILE.parquet` reads it, in a program built with the feature `parquet`",
    ),
    (b"ARROW1", "an Arrow file", "save it as JSON lines"),
    (b"\xff\xfe", "text in UTF-16", "`iconv -f UTF-16 -t UTF-8 FILE | eightfold ...` reads it"),
    (b"\xfe\xff", "text in UTF-16", "`iconv -f UTF-16 -t UTF-8 FILE | eightfold ...` reads it"),
];

/// What a file is, in words, with what to do; `None` where it may be JSON lines. `begun` is what it begins
/// with.
pub(super) fn nature(begun: &[u8]) -> Option<String> {
    let named = |what: &str, hint: &str| Some(format!("this is {what}, not JSON lines; {hint}"));
    if let Some((_, what, hint)) = BEGINNINGS.iter().find(|(magic, ..)| begun.starts_with(magic)) {
        return named(what, hint);
    }
    let begun = String::from_utf8_lossy(begun.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begun));
    let (first, rest) = begun.trim_start().split_once('\n')?;
    let (first, second) = (first.trim_end(), rest.trim_start());
    if first.starts_with('[') && !is_whole(first) {
        return named("a JSON array", "`jq -c '.[]' FILE | eightfold ...` reads it");
    }
    if first == "{" || first.starts_with('{') && second.starts_with('"') && !is_whole(first) {
        return named("one JSON object over several lines", "`jq -c . FILE | eightfold ...` reads it");
    }
    if is_header(first) && !second.starts_with(['{', '[']) {
        return named(
            "a table, as CSV or TSV",
            "save it as JSON lines (pandas: `to_json(lines=True, orient=\"records\")`)",
        );
    }
    None
}

fn is_whole(line: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok()
}

/// Whether a line may be the head of a table: at least two names with commas, semicolons or tabs between.
fn is_header(line: &str) -> bool {
    let name = |name: &str| {
        let name = name.trim().trim_matches('"');
        let in_names = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '.' | '-' | ':' | '/');
        !name.is_empty() && name.chars().count() <= 60 && name.chars().all(in_names)
    };
    [',', '\t', ';'].iter().any(|mark| line.contains(*mark) && line.split(*mark).all(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_named() {
        let cases: [(&[u8], &str); 10] = [
            (b"\x1f\x8b\x08", "gzip"),
            (b"\x28\xb5\x2f\xfd\0", "zstd"),
            (b"PAR1\x15", "Parquet"),
            (b"PK\x03\x04", "zip"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"[{\"a\": 1},\n{\"a\": 2}]", "a JSON array"),
            (b"\xef\xbb\xbf[\n  {", "a JSON array"),
            (b"{\n  \"a\": 1\n}\n", "one JSON object"),
            (b"gold,pred\n1,2\n", "CSV"),
            (b"\"gold\"\tpred\n", "CSV"),
        ];
        for (begun, expected) in cases {
            assert!(nature(begun).is_some_and(|said| said.contains(expected)), "{expected}");
        }
        let lines: [&[u8]; 7] = [
            b"",
            b"{\"a\": 1}\n",
            b"{\"a\": NaN}\n{\"a\": 1}\n",
            b"\xef\xbb\xbf{\"a\": 1}\n",
            b"not json\n{\"a\": 1}\n",
            b"broken, but one line\n{\"a\": 1}\n",
            b"[1]\n{\"a\": 1}\n",
        ];
        for begun in lines {
            assert_eq!(nature(begun), None, "{}", String::from_utf8_lossy(begun));
        }
    }
}
