// SPDX-License-Identifier: GPL-2.0

//! Rows and columns that fit the terminal.
//!
//! A table that is too wide first gets short numbers (`12.3M`), then short titles, then
//! leaves out columns, those that say nothing and then the last ones, and names them. Only if
//! that is not enough it becomes one block of lines per row.

use super::paper::{
    Ink,
    Paper,
    Style, //
};
use std::io;

/// Between two columns.
const GAP: usize = 2;

/// Columns of numbers that are never left out.
const NUMBERS_KEPT: usize = 2;

/// Titles that can be shorter.
const SHORT_TITLES: [(&str, &str); 18] = [
    ("PROTOCOL", "PROT"),
    ("SCHEDULER", "SCHED"),
    ("SERVERS", "SRV"),
    ("WEIGHT", "WT"),
    ("ACTIVE", "ACT"),
    ("INACTIVE", "INACT"),
    ("CONNS", "CONN"),
    ("IN-PKTS", "IN-P"),
    ("IN-BYTES", "IN-B"),
    ("OUT-PKTS", "OUT-P"),
    ("OUT-BYTES", "OUT-B"),
    ("CONNS/S", "CONN/S"),
    ("IN-PKTS/S", "INP/S"),
    ("IN-BYTES/S", "INB/S"),
    ("OUT-PKTS/S", "OUTP/S"),
    ("OUT-BYTES/S", "OUTB/S"),
    ("EXPIRES", "EXP"),
    ("METHOD", "METH"),
];

/// Rows of cells; a column is as wide as its widest cell.
pub(crate) struct Table<const N: usize> {
    pub(crate) rows: Vec<[String; N]>,
    titles: [&'static str; N],
    /// The first of the columns that hold numbers and are aligned to the right.
    numbers_from: usize,
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(titles: [&'static str; N], numbers_from: usize) -> Self {
        Self {
            rows: Vec::new(),
            titles,
            numbers_from,
        }
    }

    pub(crate) fn print(&self, out: &mut impl Paper) -> io::Result<()> {
        let style = out.style();
        let room = style.width.unwrap_or(usize::MAX);
        let all = [true; N];
        if self.width(&all) <= room {
            return self.as_table(&all, style, out);
        }
        let numbers = self.shortened();
        if numbers.width(&all) <= room {
            return numbers.as_table(&all, style, out);
        }
        let short = Self {
            titles: numbers.titles.map(short_title),
            ..numbers
        };
        match short.chosen(room) {
            Some(shown) => {
                short.as_table(&shown, style, out)?;
                self.name_missing(&shown, out)
            }
            None => self.as_blocks(style, out),
        }
    }

    fn widths(&self) -> [usize; N] {
        let mut widths = self.titles.map(str::len);
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        widths
    }

    /// How wide the table is with these columns; the last one has no blanks behind it.
    fn width(&self, shown: &[bool; N]) -> usize {
        let widths = self.widths();
        let widths = widths.iter().zip(shown).filter(|(_, shown)| **shown);
        let (sum, count) = widths.fold((0usize, 0usize), |(sum, count), (width, _)| {
            (sum.saturating_add(*width), count.saturating_add(1))
        });
        sum.saturating_add(GAP.saturating_mul(count.saturating_sub(1)))
    }

    /// The columns with which the table fits, if it can.
    fn chosen(&self, room: usize) -> Option<[bool; N]> {
        let mut shown = [true; N];
        let silent: Vec<bool> = (0..N).map(|column| self.is_silent(column)).collect();
        let kept = self.numbers_from.saturating_add(NUMBERS_KEPT);
        let last_silent = (0..N)
            .rev()
            .filter(|column| silent.get(*column) == Some(&true));
        let others = (kept..N).rev();
        for column in last_silent.chain(others) {
            if self.width(&shown) <= room {
                break;
            }
            if let Some(shown) = shown.get_mut(column) {
                *shown = false;
            }
        }
        (self.width(&shown) <= room).then_some(shown)
    }

    /// Whether a column says nothing in any row.
    fn is_silent(&self, column: usize) -> bool {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        column != 0
            && cells
                .into_iter()
                .all(|cell| matches!(cell.as_str(), "-" | "0"))
    }

    fn name_missing(&self, shown: &[bool; N], out: &mut impl Paper) -> io::Result<()> {
        let missing = self.titles.iter().zip(shown).filter(|(_, shown)| !**shown);
        let missing: Vec<&str> = missing.map(|(title, _)| *title).collect();
        match missing.is_empty() {
            true => Ok(()),
            false => writeln!(out, "no room: {}", missing.join(" ")),
        }
    }

    /// The same with short numbers.
    fn shortened(&self) -> Self {
        let cell = |(column, cell): (usize, &String)| match column < self.numbers_from {
            true => cell.clone(),
            false => short(cell),
        };
        let mut rows = self.rows.clone();
        for (new, old) in rows.iter_mut().zip(&self.rows) {
            for (to, from) in new.iter_mut().zip(old.iter().enumerate()) {
                *to = cell(from);
            }
        }
        Self { rows, ..*self }
    }

    fn as_table(&self, shown: &[bool; N], style: Style, out: &mut impl Paper) -> io::Result<()> {
        let widths = self.widths();
        let line = |row: &[String; N]| -> String {
            let cells = row.iter().zip(widths).zip(shown).enumerate();
            cells
                .filter(|(_, (_, shown))| **shown)
                .map(|(column, ((cell, width), _))| {
                    if column < self.numbers_from {
                        format!("{cell:<width$}  ")
                    } else {
                        format!("{cell:>width$}  ")
                    }
                })
                .collect()
        };
        let titles = line(&self.titles.map(str::to_owned));
        writeln!(out, "{}", Ink::Bold.on(style, titles.trim_end()))?;
        self.rows
            .iter()
            .try_for_each(|row| writeln!(out, "{}", marked(style, line(row).trim_end())))
    }

    fn as_blocks(&self, style: Style, out: &mut impl Paper) -> io::Result<()> {
        let width = self.titles.iter().map(|title| title.len()).max();
        let width = width.unwrap_or_default();
        let room = style.width.unwrap_or(usize::MAX);
        for (number, row) in self.rows.iter().enumerate() {
            if number != 0 {
                writeln!(out)?;
            }
            for (title, cell) in self.titles.iter().zip(row) {
                let title_text = Ink::Bold.on(style, title);
                let used = width.saturating_add(GAP);
                let cell_text = marked(style, cell);
                match used.saturating_add(cell.chars().count()) <= room {
                    true => {
                        let pad = used.saturating_sub(title.len());
                        writeln!(out, "{title_text}{:pad$}{cell_text}", "")?;
                    }
                    false => writeln!(out, "{title_text}\n  {cell_text}")?,
                }
            }
        }
        Ok(())
    }
}

/// A row about something that takes no new connections stands out.
fn marked(style: Style, line: &str) -> String {
    match line.contains("(full)") || line.contains("draining") {
        true => Ink::Yellow.on(style, line),
        false => line.to_owned(),
    }
}

fn short_title(title: &'static str) -> &'static str {
    let mut known = SHORT_TITLES.iter();
    known
        .find(|(long, _)| *long == title)
        .map_or(title, |(_, short)| short)
}

/// A cell whose number is short.
fn short(cell: &str) -> String {
    cell.parse().map_or(cell.to_owned(), short_number)
}

/// A number in at most five characters: `9999`, `12.3k`, `456M`.
pub(crate) fn short_number(number: u64) -> String {
    const UNITS: [&str; 6] = ["k", "M", "G", "T", "P", "E"];

    if number < 10_000 {
        return number.to_string();
    }
    let mut rest = number;
    let mut tenths = 0;
    let mut unit = "";
    for name in UNITS {
        if rest < 1000 {
            break;
        }
        tenths = rest % 1000 / 100;
        rest /= 1000;
        unit = name;
    }
    match rest < 100 {
        true => format!("{rest}.{tenths}{unit}"),
        false => format!("{rest}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::paper::Draft;

    fn printed(width: usize, colour: bool) -> String {
        let mut table = Table::new(["NAME", "LIMIT", "PACKETS"], 2);
        let row = |name: &str, limit: &str, number: &str| [name, limit, number].map(str::to_owned);
        table
            .rows
            .push(row("[2001:db8::1]:80", "-", "123456789012"));
        table.rows.push(row("10.0.0.1:80", "9 (full)", "7"));
        let mut draft = Draft::default();
        draft.style.width = Some(width);
        draft.style.colour = colour;
        table.print(&mut draft).expect("memory");
        String::from_utf8(draft.text).expect("text")
    }

    #[test]
    fn fits() {
        let wide = "\
NAME              LIMIT          PACKETS
[2001:db8::1]:80  -         123456789012
10.0.0.1:80       9 (full)             7
";
        assert_eq!(printed(40, false), wide);
        let narrower = "\
NAME              LIMIT     PACKETS
[2001:db8::1]:80  -            123G
10.0.0.1:80       9 (full)        7
";
        assert_eq!(printed(39, false), narrower);
        let blocks = "\
NAME     [2001:db8::1]:80
LIMIT    -
PACKETS  123456789012

NAME     10.0.0.1:80
LIMIT    9 (full)
PACKETS  7
";
        assert_eq!(printed(30, false), blocks);
        assert!(printed(20, false).starts_with("NAME\n  [2001:db8::1]:80\nLIMIT    -\n"));
        assert!(!printed(1, false).is_empty());
    }

    #[test]
    fn columns_go_before_blocks_come() {
        let titles = [
            "PROTOCOL",
            "ADDRESS",
            "LIMIT",
            "CONNS",
            "IN-PKTS",
            "IN-BYTES",
            "OUT-BYTES",
        ];
        let mut table = Table::new(titles, 3);
        table
            .rows
            .push(["tcp", "192.0.2.1:80", "-", "7", "12345", "0", "123456789"].map(str::to_owned));
        let printed = |width| {
            let mut draft = Draft::default();
            draft.style.width = Some(width);
            table.print(&mut draft).expect("memory");
            String::from_utf8(draft.text).expect("text")
        };
        let short_titles = "\
PROT  ADDRESS       LIMIT  CONN   IN-P  IN-B  OUT-B
tcp   192.0.2.1:80  -         7  12.3k     0   123M
";
        assert_eq!(printed(51), short_titles);
        let without_silent = "\
PROT  ADDRESS       LIMIT  CONN   IN-P  OUT-B
tcp   192.0.2.1:80  -         7  12.3k   123M
no room: IN-BYTES
";
        assert_eq!(printed(50), without_silent);
        let narrow = "\
PROT  ADDRESS       CONN   IN-P
tcp   192.0.2.1:80     7  12.3k
no room: LIMIT IN-BYTES OUT-BYTES
";
        assert_eq!(printed(35), narrow);
        assert!(printed(30).starts_with("PROTOCOL   tcp\n"));
    }

    #[test]
    fn colours() {
        let text = printed(80, true);
        assert!(text.starts_with("\x1b[1mNAME"), "{text}");
        assert!(text.contains("\x1b[33m10.0.0.1:80"), "{text}");
        assert!(!printed(80, false).contains('\x1b'));
    }

    #[test]
    fn short_numbers() {
        let cases = [
            (0, "0"),
            (9_999, "9999"),
            (10_000, "10.0k"),
            (99_950, "99.9k"),
            (123_456, "123k"),
            (1_000_000, "1.0M"),
            (u64::MAX, "18.4E"),
        ];
        for (number, want) in cases {
            assert_eq!(short_number(number), want);
        }
    }
}
