// SPDX-License-Identifier: GPL-2.0

//! Every example is understood, and nothing that is typed makes rvsadm panic.

use clap::{
    Command,
    CommandFactory, //
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select, //
};
use rvsadm::{
    cli::{
        face,
        native::Cli,
        parse,
        Invocation, //
    },
    error::Error,
};
use std::{
    ffi::OsString,
    fs,
    path::Path, //
};

fn run(words: impl IntoIterator<Item = String>) -> Result<Invocation, Error> {
    let (face, args) = face(words.into_iter().map(OsString::from).collect());
    parse(face, args)
}

/// The command lines of rvsadm in a text, without what the shell makes of them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().flat_map(|line| line.split([';', '|']));
    let lines = lines.filter_map(|line| line.split(['<', '>']).next());
    let lines = lines.map(|line| line.trim().trim_start_matches("# "));
    lines.filter(|line| line.starts_with("rvsadm ") && !line.contains("...") && !line.contains('…'))
}

#[track_caller]
fn understood(line: &str) {
    let words = line.split_whitespace().map(|word| word.replace('\'', ""));
    let result = run(words);
    // The files of examples do not exist here.
    let missing = matches!(&result, Err(error) if error.to_string().starts_with("cannot read"));
    assert!(result.is_ok() || missing, "{line}: {result:?}");
}

fn examples(command: &Command) -> String {
    let help = command.get_after_long_help().or(command.get_after_help());
    let inner: String = command.get_subcommands().map(examples).collect();
    help.map_or(String::new(), |help| help.to_string()) + "\n" + &inner
}

#[test]
fn examples_of_the_help() {
    let text = examples(&Cli::command());
    assert!(lines(&text).count() > 20, "{text}");
    lines(&text).for_each(understood);
}

#[test]
fn examples_of_the_documentation() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = 0;
    for page in [
        "README.md",
        "Documentation/rvsadm.md",
        "Documentation/configuration.md",
    ] {
        let text = fs::read_to_string(top.join(page)).expect(page);
        for block in text.split("```").skip(1).step_by(2) {
            for line in lines(block).filter(|line| !line.starts_with("rvsadm: ")) {
                understood(line);
                found += 1;
            }
        }
    }
    assert!(found > 30, "{found}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(
        words in vec(
            prop_oneof![
                select(vec![
                    "service", "server", "add", "set", "show", "del", "tcp", "fwmark", "7", "zero",
                    "stats", "--json", "-n", "--persist", "300/24", "--timeout", "udp=5", "--flags",
                    "none", "--tunnel", "gue:1", "--fallback", "10.0.0.1:80", "[::1]:80", "-6",
                    "ipvsadm", "-A", "-a", "-t", "-f", "-p", "-M", "--set", "-L", "-R", "-S", "--",
                    "completions", "bash", "import", "export", "--format", "config", "-h", "-v",
                ])
                .prop_map(str::to_owned),
                ".{0,8}",
            ],
            0..10,
        ),
    ) {
        // An error has a text, whatever it is.
        let words = std::iter::once("rvsadm".to_owned()).chain(words);
        if let Err(error) = run(words) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
