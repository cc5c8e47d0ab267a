// SPDX-License-Identifier: GPL-2.0

//! Socket options of IPv4 that configure a network namespace.
//!
//! Who has CAP_NET_ADMIN in the user namespace that owns the network namespace may use them.
//!
//! C header: [`include/linux/netfilter.h`](srctree/include/linux/netfilter.h)

use super::{
    atomic::{
        AtomicPtr,
        Ordering, //
    },
    bindings,
    netns, //
};
use crate::front::View;
use core::ptr;
use kernel::{
    error::{
        from_result,
        to_result, //
    },
    prelude::*,
    ThisModule, //
};

/// A range of options. Options are numbered from 0 here.
pub struct Options {
    /// The number of the first one.
    pub base: i32,
    /// How many bytes each option has when it is set; the others are refused.
    pub set_lengths: &'static [u8],
    /// How many bytes of what is asked for have a meaning as a question.
    pub get_lengths: &'static [u8],
    /// Sets an option.
    pub set: fn(&View<'_>, u32, &[u8]) -> Result,
    /// Answers a question.
    pub get: fn(&View<'_>, u32, &[u8], &mut Answer<'_>) -> Result,
}

/// The options there are, or null.
static OPTIONS: AtomicPtr<Options> = AtomicPtr::new(ptr::null_mut());

fn options() -> Option<&'static Options> {
    // SAFETY: Null, or set from a static reference.
    unsafe { OPTIONS.load(Ordering::Acquire).as_ref() }
}

/// The place for the answer to a question.
pub struct Answer<'a> {
    user: *mut c_void,
    room: &'a mut c_int,
    used: u32,
}

impl Answer<'_> {
    /// How many bytes there is room for.
    pub fn room(&self) -> usize {
        usize::try_from(*self.room).unwrap_or(0)
    }

    /// Appends to the answer. `EFAULT` if the memory is not there. Process context.
    #[inline(never)]
    pub fn put(&mut self, bytes: &[u8]) -> Result {
        let len = u32::try_from(bytes.len()).map_err(|_| EINVAL)?;
        let end = self.used.checked_add(len).ok_or(EINVAL)?;
        if crate::logic::num::index(end) > self.room() {
            return Err(EINVAL);
        }
        // SAFETY: `len` bytes are there; the helper checks the place in userspace.
        match unsafe {
            bindings::rvs_helper_sockopt_write(self.user, self.used, bytes.as_ptr(), len)
        } {
            true => self.used = end,
            false => return Err(EFAULT),
        }
        Ok(())
    }

    /// Leaves so many bytes as they are.
    pub fn skip(&mut self, bytes: usize) -> Result {
        let bytes = u32::try_from(bytes).map_err(|_| EINVAL)?;
        self.used = self.used.checked_add(bytes).ok_or(EINVAL)?;
        Ok(())
    }

    /// Says that the answer has as many bytes as were put into it.
    pub fn end(&mut self) -> Result {
        *self.room = c_int::try_from(self.used).map_err(|_| EINVAL)?;
        Ok(())
    }
}

/// The options are there while this is.
pub struct Registration(());

impl Registration {
    /// Registers options for a module; `EBUSY` if somebody has options of these numbers. Process context.
    pub fn new(options: &'static Options, module: &'static ThisModule) -> Result<Self> {
        let end = |lengths: &[u8]| -> Result<i32> {
            let count = i32::try_from(lengths.len()).map_err(|_| EINVAL)?;
            options.base.checked_add(count).ok_or(EINVAL)
        };
        let (set_end, get_end) = (end(options.set_lengths)?, end(options.get_lengths)?);
        let new = ptr::from_ref(options).cast_mut();
        OPTIONS
            .compare_exchange(ptr::null_mut(), new, Ordering::AcqRel, Ordering::Relaxed)
            .map_err(|_| EBUSY)?;
        // SAFETY: The module is the caller's; calls hold it.
        let done = to_result(unsafe {
            bindings::rvs_helper_sockopt_register(module.as_ptr(), options.base, set_end, get_end)
        });
        if let Err(error) = done {
            OPTIONS.store(ptr::null_mut(), Ordering::Release);
            return Err(error);
        }
        Ok(Self(()))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: Registered by `new`.
        unsafe { bindings::rvs_helper_sockopt_unregister() };
        OPTIONS.store(ptr::null_mut(), Ordering::Release);
    }
}

/// The bytes of an option, negative if there is no such option.
#[no_mangle]
extern "C" fn rvs_sockopt_length(option: u32, set: bool) -> c_int {
    let length = options().and_then(|options| {
        let lengths = match set {
            true => options.set_lengths,
            false => options.get_lengths,
        };
        lengths.get(crate::logic::num::index(option)).copied()
    });
    length.map_or(-1, c_int::from)
}

/// Sets an option. Process context.
///
/// # Safety
///
/// `bytes` has `len` bytes, and `net` is the namespace of a socket that is in use.
#[no_mangle]
unsafe extern "C" fn rvs_sockopt_set(
    net: *mut bindings::net,
    option: u32,
    bytes: *const u8,
    len: u32,
) -> c_int {
    from_result(|| {
        let set = options().ok_or(ENOPROTOOPT)?.set;
        // SAFETY: By the contract above.
        let bytes = unsafe { core::slice::from_raw_parts(bytes, len as usize) };
        // SAFETY: The socket holds the namespace, and the call the modules.
        let done = unsafe { netns::with_net(net, |net| set(&View::new(net), option, bytes)) };
        done.unwrap_or(Err(ENODEV))?;
        Ok(0)
    })
}

/// Answers a question. Process context.
///
/// # Safety
///
/// As for [`rvs_sockopt_set`]; `room` is valid, and `user` an address in userspace.
#[no_mangle]
unsafe extern "C" fn rvs_sockopt_get(
    net: *mut bindings::net,
    option: u32,
    bytes: *const u8,
    len: u32,
    user: *mut c_void,
    room: *mut c_int,
) -> c_int {
    from_result(|| {
        let get = options().ok_or(ENOPROTOOPT)?.get;
        // SAFETY: By the contract above.
        let bytes = unsafe { core::slice::from_raw_parts(bytes, len as usize) };
        let mut answer = Answer {
            user,
            // SAFETY: By the contract above.
            room: unsafe { &mut *room },
            used: 0,
        };
        // SAFETY: The socket holds the namespace, and the call the modules.
        let done =
            unsafe { netns::with_net(net, |net| get(&View::new(net), option, bytes, &mut answer)) };
        done.unwrap_or(Err(ENODEV))?;
        Ok(0)
    })
}
