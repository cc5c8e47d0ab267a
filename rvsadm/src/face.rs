// SPDX-License-Identifier: GPL-2.0

//! Exit codes and messages, which depend on what the command is called.

use crate::{
    cli::ipvsadm::Face,
    error::{
        Error,
        Exit, //
    },
};
use std::io::{
    self,
    Write, //
};

/// What ipvsadm ends with when the command line has a mistake, or it cannot reach the kernel.
const USAGE: u8 = 2;
/// What it ends with when a listing fails.
const LISTING: u8 = 1;
/// What it ends with in all other cases.
const FAILED: u8 = 255;

impl Face {
    /// The exit code after this error, which was met while listing or not.
    pub fn code(self, error: &Error, listing: bool) -> u8 {
        match (self, error) {
            (Self::Rvsadm, _) | (_, Error::Output(_)) => error.exit() as u8,
            (_, Error::Usage(_) | Error::NotLoaded | Error::Unreachable(_)) => USAGE,
            (_, Error::NotPermitted) => USAGE,
            (_, Error::Refused(_)) if listing => LISTING,
            (_, Error::Refused(_) | Error::Declined(_) | Error::Absent(_)) => FAILED,
            (_, Error::Syntax(_) | Error::Lacking(_)) => FAILED,
        }
    }

    /// What to tell the user; nothing if a reader went away.
    pub fn message(self, error: &Error) -> Option<String> {
        if matches!(error, Error::Output(_)) && error.exit() == Exit::Success {
            return None;
        }
        if self == Self::Rvsadm {
            return Some(format!("rvsadm: {error}"));
        }
        let unreachable = match error {
            Error::Refused(refusal) => return Some(refusal.ipvsadm_text()),
            Error::NotLoaded => "Protocol not available",
            Error::NotPermitted => "Permission denied (you must be root)",
            _ => return Some(error.to_string()),
        };
        Some(format!(
            "Can't initialize ipvs: {unreachable}\n\
             Are you sure that IP Virtual Server is built in the kernel or as module?"
        ))
    }

    /// Tells the user what went wrong, and returns the exit code.
    pub fn report(self, error: &Error, listing: bool) -> u8 {
        if let Some(text) = self.message(error) {
            // Nobody is left to tell if stderr is gone too.
            let _ = writeln!(io::stderr(), "{text}");
        }
        self.code(error, listing)
    }
}

/// Tells the user what is left out because a format cannot say it.
pub fn note_lost(what: &str) {
    // Nobody is left to tell if stderr is gone too.
    let _ = writeln!(io::stderr(), "rvsadm: left out: {what}");
}
