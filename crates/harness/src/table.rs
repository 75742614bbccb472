//! A table whose cells stand beside the names of their columns, so that a head cannot drift from its cells.

/// Rows of named cells. The first row gives the columns; a table without rows is written as nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Adds a row of columns with their cells, as `[("n", n.to_string()), ("error", format!("{error:.3}"))]`.
    ///
    /// # Panics
    /// In debug builds, if the columns are others than those of the first row.
    pub fn row<C: Into<String>>(&mut self, cells: impl IntoIterator<Item = (C, String)>) {
        let (head, row): (Vec<String>, Vec<String>) =
            cells.into_iter().map(|(column, cell)| (column.into(), cell)).unzip();
        if self.rows.is_empty() {
            self.head = head;
        } else {
            debug_assert_eq!(self.head, head, "every row has the columns of the first");
        }
        self.rows.push(row);
    }

    /// A table of GitHub's Markdown, a line a row. A cell may hold markup; a bar in it is escaped, and a line break
    /// becomes a space.
    pub fn markdown(&self) -> String {
        let cell = |cell: &String| cell.replace('|', "\\|").replace(['\r', '\n'], " ");
        let line =
            |cells: &Vec<String>| format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
        if self.rows.is_empty() {
            return String::new();
        }
        let rule = format!("|{}\n", "---|".repeat(self.head.len()));
        line(&self.head) + &rule + &self.rows.iter().map(line).collect::<String>()
    }

    /// Values separated by commas (RFC 4180, lines ended by a line feed): quoted where a cell needs it.
    pub fn csv(&self) -> String {
        let cell = |cell: &String| match cell.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.clone(),
        };
        let line = |cells: &Vec<String>| cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\n";
        if self.rows.is_empty() {
            return String::new();
        }
        line(&self.head) + &self.rows.iter().map(line).collect::<String>()
    }
}

impl<C: Into<String>, R: IntoIterator<Item = (C, String)>> FromIterator<R> for Table {
    fn from_iter<T: IntoIterator<Item = R>>(rows: T) -> Self {
        let mut table = Self::default();
        rows.into_iter().for_each(|row| table.row(row));
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_head_is_that_of_the_first_row() {
        let table: Table = [1, 2]
            .map(|n| [("n", n.to_string()), ("half", format!("{:.1}", n as f64 / 2.0))])
            .into_iter()
            .collect();
        assert_eq!(table.markdown(), "| n | half |\n|---|---|\n| 1 | 0.5 |\n| 2 | 1.0 |\n");
        assert_eq!(table.csv(), "n,half\n1,0.5\n2,1.0\n");
        assert_eq!((Table::default().markdown(), Table::default().csv()), (String::new(), String::new()));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "every row has the columns of the first")]
    fn a_row_of_other_columns_is_refused() {
        let _: Table = [[("n", String::new())], [("m", String::new())]].into_iter().collect();
    }

    /// Cells and columns of anything.
    fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
        let cell = "[a,|\"\\\\\n\r <]{0,4}";
        (1..4_usize, 2..4_usize).prop_flat_map(move |(columns, rows)| {
            prop::collection::vec(prop::collection::vec(cell, columns), rows)
        })
    }

    fn table(rows: &[Vec<String>]) -> Table {
        let named = |row: &Vec<String>| rows[0].clone().into_iter().zip(row.clone()).collect::<Vec<_>>();
        rows[1..].iter().map(named).collect()
    }

    /// The cells of CSV, as RFC 4180 has them.
    fn read(csv: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
        let mut chars = csv.chars().peekable();
        while let Some(next) = chars.next() {
            match next {
                '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\n' if !quoted => {
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                other => cell.push(other),
            }
        }
        rows
    }

    proptest! {
        #[test]
        fn csv_reads_back_and_is_quoted_where_it_must_be(rows in rows()) {
            let csv = table(&rows).csv();
            prop_assert_eq!(read(&csv), rows.clone());
            let plain = rows.iter().flatten().all(|cell| !cell.contains([',', '"', '\n', '\r']));
            prop_assert!(!plain || !csv.contains('"'));
        }

        #[test]
        fn a_row_of_markdown_is_a_line_with_a_bar_around_each_cell(rows in rows()) {
            let markdown = table(&rows).markdown();
            let bars = |line: &str| line.replace("\\|", "").matches('|').count();
            prop_assert_eq!(markdown.lines().count(), rows.len() + 1);
            prop_assert!(markdown.lines().all(|line| bars(line) == rows[0].len() + 1), "{}", markdown);
        }
    }
}
