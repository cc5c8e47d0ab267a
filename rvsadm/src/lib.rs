// SPDX-License-Identifier: GPL-2.0

//! rvsadm, the command that controls rvs.
//!
//! From what was typed to what is printed, a request passes these modules:
//!
//! 1. [`cli`] understands the command line, in the grammar of ipvsadm or as a noun and a
//!    verb, and leaves a [`action::Action`];
//! 2. [`action`] carries it out with typed requests ([`request`]) and answers ([`reply`]);
//! 3. [`netlink`] turns them into messages and back, over a transport that tests replace;
//! 4. [`output`] prints the answers, one file per format.

#![forbid(unsafe_code)]

pub mod action;
pub mod cli;
pub mod client;
pub mod error;
pub mod manual;
pub mod netlink;
pub mod netns;
pub mod output;
pub mod reply;
pub mod request;

use crate::{
    cli::Invocation,
    client::Client,
    error::{
        Error,
        Exit, //
    },
    netlink::socket::Socket,
};
use std::{
    ffi::OsString,
    io::{
        self,
        Write, //
    },
};

/// Runs the command with these arguments, the first being its own name.
pub fn run(args: Vec<OsString>) -> Exit {
    match cli::parse(args).and_then(execute) {
        Ok(()) => Exit::Success,
        Err(error) => report(&error),
    }
}

fn execute(invocation: Invocation) -> Result<(), Error> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match invocation {
        Invocation::Print(text) => out.write_all(text.as_bytes())?,
        Invocation::Run { netns, action } => {
            netns.as_deref().map_or(Ok(()), netns::enter)?;
            let mut client = Client::connect(Socket::open()?)?;
            action.run(&mut client, &mut out)?;
        }
    }
    out.flush().map_err(Error::from)
}

/// Tells the user what went wrong; a reader that went away is no error.
fn report(error: &Error) -> Exit {
    let exit = error.exit();
    if exit != Exit::Success {
        // Nobody is left to tell if stderr is gone too.
        let _ = writeln!(io::stderr(), "rvsadm: {error}");
    }
    exit
}
