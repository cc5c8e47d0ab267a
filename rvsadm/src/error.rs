// SPDX-License-Identifier: GPL-2.0

//! What can go wrong, in the words of the user, and the exit code that goes with it.

use crate::netlink::extack::Refusal;
use std::{
    fmt,
    io,
    process::ExitCode, //
};

/// The exit codes of rvsadm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is done.
    Success = 0,
    /// The output could not be written.
    Output = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The kernel refused the request.
    Refused = 3,
    /// The kernel could not be asked.
    Unreachable = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why rvsadm gives up.
#[derive(Debug)]
pub enum Error {
    /// The command line makes no sense.
    Usage(String),
    /// The command line has a part that does not exist. For ipvsadm that is another case.
    Syntax(String),
    /// The command line asks for what rvs does not have.
    Lacking(String),
    /// The kernel refused the request.
    Refused(Refusal),
    /// The kernel refused what a place in a file says.
    Declined(String),
    /// What the request is about is not there, or not as it has to be.
    Absent(String),
    /// The kernel cannot be asked, or its answer cannot be read.
    Unreachable(String),
    /// The kernel does not have the module.
    NotLoaded,
    /// The kernel does not let this user ask.
    NotPermitted,
    /// The output could not be written.
    Output(io::Error),
}

impl Error {
    /// A mistake on the command line.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// A step on the way to the kernel that failed.
    pub fn unreachable(step: &str, cause: &io::Error) -> Self {
        Self::Unreachable(format!("{step}: {}", system_text(cause)))
    }

    /// The answer of the kernel is not what the interface says.
    pub fn garbled(what: &str) -> Self {
        Self::Unreachable(format!(
            "cannot understand the kernel's answer: {what}; do rvs and rvsadm belong together?"
        ))
    }

    /// The error number that the kernel gave, if it refused.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Self::Refused(refusal) => Some(refusal.errno),
            _ => None,
        }
    }

    /// The exit code of rvsadm.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Syntax(_) | Self::Lacking(_) => Exit::Usage,
            Self::Refused(_) | Self::Declined(_) | Self::Absent(_) => Exit::Refused,
            Self::Unreachable(_) | Self::NotLoaded | Self::NotPermitted => Exit::Unreachable,
            Self::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
            Self::Output(_) => Exit::Output,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Syntax(text) | Self::Lacking(text) => f.write_str(text),
            Self::Declined(text) | Self::Absent(text) | Self::Unreachable(text) => {
                f.write_str(text)
            }
            Self::NotLoaded => {
                f.write_str("the kernel module rvs is not loaded; try: modprobe rvs")
            }
            Self::NotPermitted => f.write_str(
                "permission denied: CAP_NET_ADMIN is needed in the user namespace that owns \
                 this network namespace; try as root",
            ),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Output(cause) => write!(f, "cannot write: {}", system_text(cause)),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(cause: io::Error) -> Self {
        Self::Output(cause)
    }
}

/// The system's text for an error, without the number that Rust appends.
pub fn system_text(cause: &io::Error) -> String {
    let text = cause.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// The system's text for an error number.
pub fn errno_text(errno: i32) -> String {
    system_text(&io::Error::from_raw_os_error(errno))
}
