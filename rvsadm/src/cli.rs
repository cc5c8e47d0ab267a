// SPDX-License-Identifier: GPL-2.0

//! The command line, in both of its grammars.
//!
//! A command line whose first argument is an option, other than those of the native
//! grammar, is in the grammar of ipvsadm; no argument at all is ipvsadm's listing.

pub mod ipvsadm;
pub mod native;
pub mod values;

use crate::{
    action::Action,
    error::Error, //
};
use std::ffi::OsString;

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
        action: Action,
    },
}

/// Understands a command line, the first argument being the name of the command.
pub fn parse(args: Vec<OsString>) -> Result<Invocation, Error> {
    if is_native(args.get(1)) {
        return native::parse(args);
    }
    let texts: Result<Vec<String>, OsString> = args
        .into_iter()
        .skip(1)
        .map(OsString::into_string)
        .collect();
    let texts = texts
        .map_err(|arg| Error::usage(format!("argument '{}' is not text", arg.to_string_lossy())))?;
    Ok(Invocation::Run {
        netns: None,
        action: ipvsadm::parse(&texts)?,
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
