// SPDX-License-Identifier: GPL-2.0

//! rvsadm, the command that controls rvs.
//!
//! From what was typed to what is printed, a request passes these modules:
//!
//! 1. [`cli`] understands the command line, in the grammar of ipvsadm or as a noun and a
//!    verb, and leaves a [`action::Action`];
//! 2. [`action`] carries it out with typed requests ([`request`]) and answers ([`reply`]);
//! 3. [`netlink`] turns them into messages and back, over a transport that tests replace;
//! 4. [`output`] prints the answers, one file per format;
//! 5. [`face`] says what went wrong, as rvsadm or as ipvsadm.

#![forbid(unsafe_code)]

pub mod action;
pub mod cli;
pub mod client;
pub mod declare;
pub mod doctor;
pub mod document;
pub mod error;
pub mod exporter;
pub mod face;
pub mod manual;
pub mod modules;
pub mod monitor;
pub mod netlink;
pub mod netns;
pub mod output;
pub mod reply;
pub mod request;
pub mod restore;
pub mod suggest;
pub mod tool;
pub mod top;
pub mod watch;

use crate::{
    cli::Invocation,
    client::Client,
    error::Error,
    netlink::socket::Socket,
    output::paper::Screen, //
};
use std::{ffi::OsString, io::Write, process::ExitCode};

/// Runs the command with these arguments, the first being its own name.
pub fn run(args: Vec<OsString>) -> ExitCode {
    if cli::complete(&args) {
        return ExitCode::SUCCESS;
    }
    let (face, args) = cli::face(args);
    let invocation = cli::parse(face, args);
    let listing = matches!(&invocation, Ok(Invocation::Run { action, .. }) if action.is_listing());
    match invocation.and_then(execute) {
        Ok(code) => code.into(),
        Err(error) => face.report(&error, listing).into(),
    }
}

fn execute(invocation: Invocation) -> Result<u8, Error> {
    let mut out = Screen::new();
    let code = match invocation {
        Invocation::Print(text) => {
            out.write_all(text.as_bytes())?;
            0
        }
        Invocation::Tool { netns, tool } => tool.run(netns.as_deref(), &mut out)?,
        Invocation::Run { netns, action } => {
            netns.as_deref().map_or(Ok(()), netns::enter)?;
            let mut client = Client::connect(Socket::open()?)?;
            action.run(&mut client, &mut out)?
        }
    };
    out.flush()?;
    Ok(code)
}
