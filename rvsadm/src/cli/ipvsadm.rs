// SPDX-License-Identifier: GPL-2.0

//! The grammar of ipvsadm 1.31: one command, then options in any order.
//!
//! [`FLAGS`] is the grammar; [`tokens`] splits arguments by it, [`options`] keeps what they
//! say, [`rules`] says which command takes which option, and [`meaning`] makes requests of
//! it. Complaints are worded as ipvsadm words them.

mod flags;
mod meaning;
mod options;
mod opts;
mod rules;
mod sync;
mod tokens;
mod values;

use crate::{
    action::Action,
    error::Error,
    suggest, //
};
pub use flags::{
    Flag,
    Meaning,
    Value,
    FLAGS, //
};
pub(crate) use options::sched_flag_names;
use options::Options;
pub use opts::{
    Command,
    Opt, //
};
use std::fmt::Write;
use tokens::{
    Token,
    Tokens, //
};

/// What the command is called, which decides its messages and exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// `rvsadm`: it has messages and exit codes of its own where the kernel is concerned.
    Rvsadm,
    /// `ipvsadm`: as ipvsadm 1.31 in everything.
    Ipvsadm,
}

impl Face {
    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rvsadm => "rvsadm",
            Self::Ipvsadm => "ipvsadm",
        }
    }
}

/// What ipvsadm 1.31 says of its version.
const VERSION: &str = "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n";

/// Understands the arguments that follow the name of the command.
pub fn parse(face: Face, args: &[String]) -> Result<Action, Error> {
    understand(face, args).map_err(|error| match (face, error) {
        (Face::Rvsadm, Error::Syntax(text)) => Error::Syntax(text + &hint(args)),
        (_, error) => error,
    })
}

/// The flag that the first unknown one may have been meant to be.
fn hint(args: &[String]) -> String {
    let flags = || FLAGS.iter().map(|flag| flag.long);
    let mut names = args.iter().filter_map(|arg| arg.strip_prefix("--"));
    let unknown = names.find(|name| !flags().any(|known| Some(known) == name.split('=').next()));
    let meant = unknown.and_then(|name| suggest::closest(name, flags()));
    meant.map_or(String::new(), |name| format!("; did you mean --{name}?"))
}

fn understand(face: Face, args: &[String]) -> Result<Action, Error> {
    if args.is_empty() {
        return meaning::listing(&Options::default());
    }
    let mut tokens = Tokens::new(args);
    let mut options = Options::default();
    let command = first_command(face, &mut tokens, &mut options)?;
    match command {
        Command::Help => return Ok(Action::Print(help(face))),
        Command::Version => return Ok(Action::Print(VERSION.to_owned())),
        _ => {}
    }
    for token in tokens {
        options.take(token?)?;
    }
    options.finish(command)?;
    rules::check(command, &options.given)?;
    meaning::action(face, command, &options)
}

/// The command; what stands before it is an argument like those behind it.
fn first_command(
    face: Face,
    tokens: &mut Tokens<'_>,
    options: &mut Options,
) -> Result<Command, Error> {
    loop {
        let (flag, value) = match tokens.next() {
            Some(Ok(Token::Argument(text))) => {
                options.loose.push(text.to_owned());
                continue;
            }
            Some(Ok(Token::Flag { flag, value, .. })) => (flag, value),
            Some(Err(_)) | None => return Err(try_help(face)),
        };
        let Meaning::Command(command) = flag.meaning else {
            return Err(try_help(face));
        };
        sync::check_state(command, value)?;
        return Ok(command);
    }
}

/// The complaint about a command line without a command.
pub(crate) fn try_help(face: Face) -> Error {
    let name = face.name();
    Error::Syntax(format!(
        "Try `{name} -h' or '{name} --help' for more information."
    ))
}

fn help(face: Face) -> String {
    let name = face.name();
    format!(
        "Usage: {name} COMMAND [OPTION...]\n\n{}\nThe manual page of rvsadm says more.\n",
        flags_help()
    )
}

/// A line for each flag.
pub fn flags_help() -> String {
    let mut text = String::new();
    for flag in FLAGS.iter().filter(|flag| !flag.help.is_empty()) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:<34} {}", flag.usage(), flag.help);
    }
    text
}
