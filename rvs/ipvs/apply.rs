// SPDX-License-Identifier: GPL-2.0

//! What both of IPVS's interfaces do with services: its checks in its order, and then the core's.

use kernel::prelude::*;
use rvs::{
    api::Scheduler,
    front::View,
    logic::ipvs::{
        spec::{
            Key,
            ServiceUser, //
        },
        Refused, //
    },
};

/// The error that a client gets.
pub(crate) fn error(refused: Refused) -> Error {
    match refused {
        Refused::Invalid => EINVAL,
        Refused::Range => ERANGE,
        Refused::Family => EAFNOSUPPORT,
    }
}

/// The synchronisation daemons that there are not.
pub(crate) fn no_daemon() -> Error {
    pr_warn!("there is no synchronisation daemon in this version\n");
    EOPNOTSUPP
}

/// `ENOENT` for any persistence engine: there is none.
fn check_engine(user: &ServiceUser<'_>) -> Result {
    match user.engine {
        [] => Ok(()),
        _ => Err(ENOENT),
    }
}

/// Adds a service.
pub(crate) fn add_service(view: &View<'_>, key: &Key, user: &ServiceUser<'_>) -> Result {
    if view.configure().has(key) {
        return Err(EEXIST);
    }
    // Loading a module takes its time: not while others wait.
    let scheduler = Scheduler::find(user.scheduler)?;
    check_engine(user)?;
    let wish = user.wish(key.family(), 0).map_err(error)?;
    view.configure().add(key, &wish, scheduler)
}

/// Changes a service. A scheduler of the same name stays, with what it remembers.
pub(crate) fn set_service(view: &View<'_>, key: &Key, user: &ServiceUser<'_>) -> Result {
    let now = view.configure().show(key)?;
    let name = now.scheduler.split(|byte| *byte == 0).next();
    let scheduler = match name == Some(user.scheduler) {
        true => None,
        false => Some(Scheduler::find(user.scheduler)?),
    };
    check_engine(user)?;
    let mut session = view.configure();
    let old = session.show(key)?.settings.flags();
    let wish = user.wish(key.family(), old).map_err(error)?;
    session.set(key, &wish, scheduler)
}
