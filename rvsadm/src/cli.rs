// SPDX-License-Identifier: GPL-2.0

//! The command line, in both of its grammars.
//!
//! A command line whose first argument is an option, other than those of the native
//! grammar, is in the grammar of ipvsadm; no argument at all is ipvsadm's listing. Called
//! by the name `ipvsadm`, or with that as its first argument, it is ipvsadm in everything.

pub mod ipvsadm;
pub mod native;
pub mod values;

use crate::{
    action::Action,
    error::Error,
    tool::Tool, //
};
use ipvsadm::Face;
use std::{
    ffi::OsString,
    path::Path, //
};

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Print a text that needs no kernel.
    Print(String),
    /// Ask the kernel.
    Run {
        /// In this network namespace instead of the present one.
        netns: Option<String>,
        /// For this.
        action: Box<Action>,
    },
    /// Run something that asks the kernel when it needs to.
    Tool {
        /// In this network namespace instead of the present one.
        netns: Option<String>,
        /// This.
        tool: Tool,
    },
}

/// Answers a shell that completes a command line; true if one asked.
pub fn complete(args: &[OsString]) -> bool {
    native::complete::answer(args)
}

/// Finds out what the command is called, and leaves its arguments, its name included.
pub fn face(mut args: Vec<OsString>) -> (Face, Vec<OsString>) {
    let name = args.first().map(Path::new).and_then(Path::file_name);
    if name.is_some_and(|name| name == "ipvsadm") {
        return (Face::Ipvsadm, args);
    }
    if args.get(1).is_some_and(|first| first == "ipvsadm") {
        args.remove(0);
        return (Face::Ipvsadm, args);
    }
    (Face::Rvsadm, args)
}

/// Understands a command line, the first argument being the name of the command.
pub fn parse(face: Face, args: Vec<OsString>) -> Result<Invocation, Error> {
    if face == Face::Rvsadm && is_native(args.get(1)) {
        return native::parse(args);
    }
    let texts: Result<Vec<String>, OsString> = args
        .into_iter()
        .skip(1)
        .map(OsString::into_string)
        .collect();
    let texts = texts
        .map_err(|arg| Error::usage(format!("argument '{}' is not text", arg.to_string_lossy())))?;
    Ok(match ipvsadm::parse(face, &texts)? {
        Action::Print(text) => Invocation::Print(text),
        action => Invocation::Run {
            netns: None,
            action: Box::new(action),
        },
    })
}

fn is_native(first: Option<&OsString>) -> bool {
    let Some(first) = first else {
        return false;
    };
    let text = first.to_string_lossy();
    let name = text.split('=').next().unwrap_or_default();
    !text.starts_with('-') || native::LEADING_OPTIONS.contains(&name)
}
