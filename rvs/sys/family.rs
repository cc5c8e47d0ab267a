// SPDX-License-Identifier: GPL-2.0

//! Netlink families of other modules than the core.
//!
//! What arrives is not checked against a policy; everybody who asks has CAP_NET_ADMIN in the initial user
//! namespace.
//!
//! C header: [`include/net/genetlink.h`](srctree/include/net/genetlink.h)

use super::{
    bindings,
    genl::{
        self,
        Dump,
        Request, //
    },
};
use crate::front::View;
use core::ptr::NonNull;
use kernel::{
    error::to_result,
    prelude::*,
    str::CStr,
    ThisModule, //
};

/// A command of a family, and what handles it. Process context, several at a time.
pub struct Operation {
    /// Its number.
    pub command: u8,
    /// Handles a request.
    pub request: Option<fn(&View<'_>, &Request<'_>) -> Result>,
    /// Handles a dump; see [`Dump`].
    pub dump: Option<fn(&View<'_>, &mut Dump<'_>) -> Result<bool>>,
}

/// A family.
pub struct Family {
    /// Its name.
    pub name: &'static CStr,
    /// Its version.
    pub version: u32,
    /// The highest type of an attribute.
    pub max_attr: u32,
    /// Its commands; for the numbers up to the highest one, headers are taken as they are.
    pub operations: &'static [Operation],
}

/// What the kernel is given, and where it leads to.
#[repr(C)]
struct Raw {
    family: bindings::genl_family,
    ops: KVec<bindings::genl_ops>,
    operations: &'static [Operation],
}

impl Raw {
    fn new(family: &Family, module: &'static ThisModule) -> Result<KBox<Self>> {
        let mut ops = KVec::with_capacity(family.operations.len(), GFP_KERNEL)?;
        for operation in family.operations {
            ops.push(raw_operation(operation), GFP_KERNEL)?;
        }
        let mut raw = KBox::new(
            Self {
                family: bindings::genl_family::default(),
                ops,
                operations: family.operations,
            },
            GFP_KERNEL,
        )?;
        let last = family.operations.iter().map(|operation| operation.command);
        let count = u8::try_from(raw.ops.len()).map_err(|_| EINVAL)?;
        let to = &mut raw.family;
        for (to, from) in to.name.iter_mut().zip(family.name.to_bytes_with_nul()) {
            *to = *from as c_char;
        }
        to.version = family.version;
        to.maxattr = family.max_attr;
        to.resv_start_op = last.max().unwrap_or(0).saturating_add(1);
        to.set_netnsok(1);
        to.set_parallel_ops(1);
        to.module = module.as_ptr();
        to.n_ops = count;
        raw.family.ops = raw.ops.as_ptr();
        Ok(raw)
    }
}

fn raw_operation(operation: &Operation) -> bindings::genl_ops {
    let lenient = bindings::genl_validate_flags_GENL_DONT_VALIDATE_STRICT
        | bindings::genl_validate_flags_GENL_DONT_VALIDATE_DUMP;
    let mut raw = bindings::genl_ops {
        cmd: operation.command,
        flags: GENL_ADMIN_PERM,
        validate: lenient as u8,
        ..Default::default()
    };
    if operation.request.is_some() {
        raw.doit = Some(doit);
    }
    if operation.dump.is_some() {
        raw.dumpit = Some(dumpit);
    }
    raw
}

/// `GENL_ADMIN_PERM` of `<linux/genetlink.h>`.
const GENL_ADMIN_PERM: u8 = 1;

/// The operation with this command.
///
/// # Safety
///
/// `family` is one that [`Registration::new`] has registered and that is still there.
unsafe fn operation(
    family: *const bindings::genl_family,
    command: u8,
) -> Option<&'static Operation> {
    // SAFETY: The family is the first member of a `Raw`, by the contract above.
    let operations = unsafe { (*family.cast::<Raw>()).operations };
    operations
        .iter()
        .find(|operation| operation.command == command)
}

/// Handles a request.
///
/// # Safety
///
/// Called by the netlink core only.
unsafe extern "C" fn doit(_skb: *mut bindings::sk_buff, info: *mut bindings::genl_info) -> c_int {
    // SAFETY: A valid request to one of our families, which stays until it has been handled.
    let operation = unsafe { operation((*info).family, (*(*info).genlhdr).cmd) };
    let handle = operation.and_then(|operation| operation.request);
    // SAFETY: A valid request.
    unsafe {
        genl::request(info, |net, request| {
            handle.ok_or(EOPNOTSUPP)?(&View::new(net), request)
        })
    }
}

/// Handles a dump.
///
/// # Safety
///
/// Called by the netlink core only.
unsafe extern "C" fn dumpit(
    skb: *mut bindings::sk_buff,
    callback: *mut bindings::netlink_callback,
) -> c_int {
    let mut command = 0;
    // SAFETY: A dump that generic netlink has begun.
    let family = unsafe { bindings::rvs_helper_genl_dump_family(callback, &mut command) };
    // SAFETY: A dump holds the module of its family, and so the family.
    let operation = unsafe { operation(family, command) };
    let handle = operation.and_then(|operation| operation.dump);
    // SAFETY: A valid dump.
    unsafe {
        genl::dump(skb, callback, |net, dump| {
            handle.ok_or(EOPNOTSUPP)?(&View::new(net), dump)
        })
    }
}

/// The family is there while this is.
///
/// # Invariants
///
/// The pointer is owned, and the family registered.
pub struct Registration(NonNull<Raw>);

// SAFETY: Not bound to a thread.
unsafe impl Send for Registration {}
// SAFETY: There is nothing to do with a reference to it.
unsafe impl Sync for Registration {}

impl Registration {
    /// Registers a family for a module, which dumps hold. `EEXIST` if there is one of that name. Process
    /// context.
    pub fn new(family: &Family, module: &'static ThisModule) -> Result<Self> {
        let raw = KBox::into_raw(Raw::new(family, module)?);
        // SAFETY: Just allocated; nobody else knows it, and it does not move before `drop`.
        let done = to_result(unsafe { bindings::genl_register_family(&raw mut (*raw).family) });
        if let Err(error) = done {
            // SAFETY: As above.
            drop(unsafe { KBox::from_raw(raw) });
            return Err(error);
        }
        // INVARIANT: Registered, and owned by this value alone.
        NonNull::new(raw).map(Self).ok_or(ENOMEM)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let raw = self.0.as_ptr();
        // SAFETY: The type invariant. This waits for requests, and there are no dumps, which would hold
        // the module.
        unsafe {
            bindings::genl_unregister_family(&raw const (*raw).family);
            drop(KBox::from_raw(raw));
        }
    }
}
