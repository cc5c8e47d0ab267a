// SPDX-License-Identifier: GPL-2.0

//! What the doctor found.

use super::paper::{
    Ink,
    Paper, //
};
use crate::doctor::{
    Finding,
    Level, //
};
use serde::Serialize;
use std::io;

/// Prints what is wrong, what to type against it, and which checks found nothing.
pub fn text(out: &mut impl Paper, findings: &[Finding]) -> io::Result<()> {
    let style = out.style();
    let bad = findings.iter().filter(|one| one.level != Level::Well);
    for finding in bad {
        let ink = match finding.level {
            Level::Fault => Ink::Red,
            _ => Ink::Yellow,
        };
        let level = ink.on(style, finding.level.name());
        writeln!(out, "{level}: {}: {}", finding.check, finding.text)?;
        for command in &finding.commands {
            writeln!(out, "    {}", Ink::Bold.on(style, command))?;
        }
    }
    let well = findings.iter().filter(|one| one.level == Level::Well);
    let well: Vec<&str> = well.map(|one| one.check).collect();
    let name = Ink::Green.on(style, Level::Well.name());
    match well.is_empty() {
        true => Ok(()),
        false => writeln!(out, "{name}: {}", well.join(", ")),
    }
}

#[derive(Serialize)]
struct View<'a> {
    check: &'static str,
    level: &'static str,
    text: Option<&'a str>,
    commands: &'a [String],
}

/// Prints an array of what was found.
pub fn json(out: &mut impl Paper, findings: &[Finding]) -> io::Result<()> {
    let all = findings.iter().map(|finding| View {
        check: finding.check,
        level: finding.level.name(),
        text: Some(finding.text.as_str()).filter(|text| !text.is_empty()),
        commands: &finding.commands,
    });
    super::json::print(out, &all.collect::<Vec<_>>())
}
