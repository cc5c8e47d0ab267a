// SPDX-License-Identifier: GPL-2.0

//! What happens, as it happens.

use crate::{
    error::Error,
    netlink::listen::{
        Ears,
        Heard,
        Listener, //
    },
    output::{
        events,
        paper::Paper, //
    },
    reply::Group,
};
use std::time::{
    Duration,
    SystemTime, //
};

/// What to tell of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Of these groups of events.
    pub groups: Vec<Group>,
    /// Until there were so many.
    pub count: Option<u64>,
    /// Whether as JSON.
    pub json: bool,
}

/// Prints events until there were enough, or nobody reads any more.
pub fn run<T: Ears>(wish: &Wish, transport: T, out: &mut impl Paper) -> Result<(), Error> {
    let mut listener = Listener::open(transport, wish.groups.clone())?;
    let mut left = wish.count;
    print(wish, None, out)?;
    while left != Some(0) {
        for heard in listener.hear()? {
            if left == Some(0) {
                break;
            }
            if matches!(heard, Heard::Event(_)) {
                left = left.map(|left| left.saturating_sub(1));
            }
            print(wish, Some(&heard), out)?;
        }
    }
    Ok(())
}

/// Prints what was heard, or that listening has begun.
fn print(wish: &Wish, heard: Option<&Heard>, out: &mut impl Paper) -> Result<(), Error> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.unwrap_or(Duration::ZERO);
    match wish.json {
        true => events::json(out, now, heard)?,
        false => events::text(out, now, heard)?,
    }
    out.flush()?;
    Ok(())
}
