// SPDX-License-Identifier: GPL-2.0

//! The manual pages, made from the definition of the command line.

use crate::cli::native::Cli;
use clap::{
    Command,
    CommandFactory, //
};
use clap_mangen::Man;
use std::io;

/// The names and contents of all pages: one for the command and one for each noun and verb.
pub fn pages() -> io::Result<Vec<(String, String)>> {
    let mut root = Cli::command();
    root.build();
    let mut pages = Vec::new();
    collect("rvsadm", &root, &mut pages)?;
    Ok(pages)
}

fn collect(name: &str, command: &Command, pages: &mut Vec<(String, String)>) -> io::Result<()> {
    pages.push(page(name, command.clone())?);
    command.get_subcommands().try_for_each(|inner| {
        let name = format!("{name}-{}", inner.get_name());
        collect(&name, inner, pages)
    })
}

fn page(name: &str, command: Command) -> io::Result<(String, String)> {
    let manual = Man::new(command)
        .title(name)
        .section("8")
        .source("rvs")
        .manual("Rust Virtual Server")
        .date("");
    let mut text = Vec::new();
    manual.render(&mut text)?;
    let head = ".\\\" SPDX-License-Identifier: GPL-2.0\n";
    let text = String::from_utf8_lossy(&text).into_owned();
    Ok((format!("{name}.8"), format!("{head}{text}")))
}
