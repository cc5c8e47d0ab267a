// SPDX-License-Identifier: GPL-2.0

//! Network namespaces by name, as `ip netns` keeps them.

use crate::error::Error;
use rustix::thread::{
    move_into_link_name_space,
    LinkNameSpaceType, //
};
use std::{
    fs::File,
    io,
    os::fd::AsFd,
    path::Path, //
};

/// Where `ip netns` keeps them.
pub const DIRECTORY: &str = "/run/netns";

/// Moves the calling thread into the namespace `name`.
pub fn enter(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.contains('/') || name == "." || name == ".." {
        return Err(Error::usage(format!(
            "invalid network namespace name '{name}'"
        )));
    }
    let failed = |cause: io::Error| {
        Error::unreachable(&format!("cannot enter network namespace '{name}'"), &cause)
    };
    let file = File::open(Path::new(DIRECTORY).join(name)).map_err(failed)?;
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
        .map_err(|errno| failed(errno.into()))
}
