// SPDX-License-Identifier: GPL-2.0

//! rvs_ipvs: what makes IPVS's own clients work with rvs.

#![deny(unsafe_code)]

mod apply;
mod files;
mod genl;
mod settings;
mod sockopt;
mod write;

use kernel::prelude::*;
use rvs::sys::{
    self,
    front, //
};

module! {
    type: Ipvs,
    name: "rvs_ipvs",
    authors: ["The rvs authors"],
    description: "rvs: the interfaces of IPVS",
    license: "GPL",
    alias: ["ip_vs", "net-pf-16-proto-16-family-IPVS"],
}

/// What the module consists of.
static FRONT: front::Front = front::Front {
    files: &files::FILES,
    settings: &settings::SETTINGS,
    begin: settings::begin,
    get: settings::get,
    set: settings::set,
};

/// What the module holds while it is loaded.
///
/// To add to it: a type of `rvs::sys` that holds the kernel's object, a static that says what is in it, and a
/// field here. Whatever a client asks arrives with the `View` of its network namespace; what it configures goes
/// through `View::configure`. Nothing else is kept per namespace.
struct Ipvs {
    _family: sys::family::Registration,
    _options: sys::sockopt::Registration,
    _files: front::Registration,
}

impl kernel::Module for Ipvs {
    fn init(module: &'static ThisModule) -> Result<Self> {
        // The first that tells whether ip_vs is there, before anything has changed.
        let family = sys::family::Registration::new(&genl::FAMILY, module).map_err(beside)?;
        let options = sys::sockopt::Registration::new(&sockopt::OPTIONS, module).map_err(beside)?;
        Ok(Self {
            _family: family,
            _options: options,
            _files: front::Registration::new(&FRONT).map_err(beside)?,
        })
    }
}

/// Explains why the module cannot be loaded.
fn beside(error: Error) -> Error {
    match error {
        EEXIST | EBUSY => {
            pr_err!("the interfaces of IPVS are taken: unload ip_vs first (modprobe -r ip_vs)\n")
        }
        _ => pr_err!("cannot be loaded: {error:?}\n"),
    }
    error
}
