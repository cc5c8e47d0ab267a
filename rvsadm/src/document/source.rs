// SPDX-License-Identifier: GPL-2.0

//! What is wrong in a file, and where.

use std::{
    fmt,
    ops::Range, //
};

/// One mistake: `rules.toml:7:13: there is no such flag`, the line, and what is meant in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    name: String,
    line: usize,
    column: usize,
    width: usize,
    text: String,
    message: String,
}

impl Complaint {
    /// A mistake in these bytes of a text.
    pub fn at(name: &str, text: &str, bytes: Range<usize>, message: impl Into<String>) -> Self {
        let start = floor(text, bytes.start);
        let before = text.get(..start).unwrap_or_default();
        let first = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
        let line = text.get(first..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        let column = before.get(first..).unwrap_or_default().chars().count();
        let end = floor(text, bytes.end.max(start));
        let meant = text.get(start..end).unwrap_or_default();
        let meant = meant.lines().next().unwrap_or_default().chars().count();
        Self {
            name: name.to_owned(),
            line: before.matches('\n').count().saturating_add(1),
            column: column.saturating_add(1),
            width: meant.max(1),
            text: line.replace('\t', " "),
            message: message.into(),
        }
    }

    /// A mistake at a line and a column, both counted from 1.
    pub fn at_column(
        name: &str,
        text: &str,
        line: usize,
        column: usize,
        message: impl Into<String>,
    ) -> Self {
        let lines = text.split_inclusive('\n');
        let before: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
        let start = before.saturating_add(column.saturating_sub(1));
        Self::at(name, text, start..start, message)
    }
}

/// The start of the character that the byte `at` belongs to.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    at
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, line, column, ..
        } = self;
        writeln!(f, "{name}:{line}:{column}: {}", self.message)?;
        let number = line.to_string();
        writeln!(f, " {number} | {}", self.text)?;
        let margin = number.len().saturating_add(1);
        let indent = column.saturating_sub(1);
        write!(
            f,
            " {:margin$}| {:indent$}{}",
            "",
            "",
            "^".repeat(self.width)
        )
    }
}

/// All mistakes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaints(pub Vec<Complaint>);

impl fmt::Display for Complaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (complaint, number) in self.0.iter().zip(0..) {
            if number > 0 {
                f.write_str("\n")?;
            }
            complaint.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let text = "first\n\tsecond wörd here\n";
        let show = |bytes| Complaint::at("x", text, bytes, "no").to_string();
        assert_eq!(show(0..5), "x:1:1: no\n 1 | first\n   | ^^^^^");
        let word = text.find("wörd").expect("a word");
        assert_eq!(
            show(word..word + 5),
            "x:2:9: no\n 2 |  second wörd here\n   |         ^^^^"
        );
        // Beyond the end, in the middle of a character, and over the end of a line.
        assert!(show(500..600).starts_with("x:3:1: no"));
        assert!(show(word + 2..word + 2).starts_with("x:2:10: no"));
        assert_eq!(show(3..10), "x:1:4: no\n 1 | first\n   |    ^^");
        let at = Complaint::at_column("x", text, 2, 3, "no").to_string();
        assert!(at.starts_with("x:2:3: no"), "{at}");
        let empty = Complaint::at("x", "", 0..0, "no").to_string();
        assert_eq!(empty, "x:1:1: no\n 1 | \n   | ^");
    }
}
