// SPDX-License-Identifier: GPL-2.0

//! The files of a front end: those in `/proc/net`, and its settings in `/proc/sys/net/ipv4/vs`.
//!
//! There is one front end at most. Its module names the files and says what is in them; here they are made
//! in each namespace, for as long as there is a [`Registration`].
//!
//! C headers: [`include/linux/proc_fs.h`](srctree/include/linux/proc_fs.h),
//! [`include/linux/seq_file.h`](srctree/include/linux/seq_file.h),
//! [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h)

use super::{
    atomic::{
        AtomicPtr,
        Ordering, //
    },
    bindings,
    netns, //
};
use crate::{
    front::View,
    logic::ipvs::settings::Value, //
};
use core::{
    fmt,
    marker::PhantomData,
    ptr, //
};
use kernel::{
    error::{
        from_result,
        to_result, //
    },
    prelude::*,
    str::CStr, //
};

/// Writes the piece of a file that a cursor stands for, and moves the cursor to the next one; whether there
/// may be one. A file begins with the cursor 0. Process context; may be called again for the same piece.
pub type Show = fn(&View<'_>, &mut [u64; 2], &mut Text<'_>) -> bool;

/// A file in `/proc/net`.
#[repr(C)]
pub struct File {
    name: *const c_char,
    mode: bindings::umode_t,
    show: Show,
}

// SAFETY: The name is a static string.
unsafe impl Sync for File {}

impl File {
    /// A file of this name; mode 0 is readable for everybody.
    pub const fn new(name: &'static CStr, mode: u16, show: Show) -> Self {
        let name = name.to_bytes_with_nul().as_ptr().cast();
        Self { name, mode, show }
    }
}

/// How a setting is written.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Kind {
    /// A number.
    Number = bindings::rvs_front_kind_RVS_FRONT_NUMBER,
    /// Two numbers.
    Pair = bindings::rvs_front_kind_RVS_FRONT_PAIR,
    /// An unsigned long that is only kept.
    Word = bindings::rvs_front_kind_RVS_FRONT_WORD,
    /// A list of CPUs that is only kept.
    Cpus = bindings::rvs_front_kind_RVS_FRONT_CPUS,
}

/// A setting in `/proc/sys/net/ipv4/vs`.
#[repr(C)]
pub struct Setting {
    name: *const c_char,
    kind: Kind,
    initial_only: bool,
}

// SAFETY: The name is a static string.
unsafe impl Sync for Setting {}

impl Setting {
    /// A setting of this name; `initial_only`: nobody in another user namespace than the initial one may
    /// write it.
    pub const fn new(name: &'static CStr, kind: Kind, initial_only: bool) -> Self {
        Self {
            name: name.to_bytes_with_nul().as_ptr().cast(),
            kind,
            initial_only,
        }
    }
}

/// What a front end consists of.
pub struct Front {
    /// The files in `/proc/net`.
    pub files: &'static [File],
    /// The settings.
    pub settings: &'static [Setting],
    /// What the setting of a number begins with; whether in the initial network namespace.
    pub begin: fn(usize, bool) -> Value,
    /// What a setting reads; the last argument is what was written to it last.
    pub get: fn(&View<'_>, usize, Value) -> Value,
    /// A value is written, by somebody with CAP_NET_ADMIN in the initial user namespace or not.
    pub set: fn(&View<'_>, usize, Value, bool) -> Result,
}

/// The front end there is, or null.
static FRONT: AtomicPtr<Front> = AtomicPtr::new(ptr::null_mut());

fn front() -> Option<&'static Front> {
    // SAFETY: Null, or set from a static reference.
    unsafe { FRONT.load(Ordering::Acquire).as_ref() }
}

/// The files exist while this does.
pub struct Registration(());

impl Registration {
    /// Makes the files in all namespaces, those to come included. `EEXIST` if files of these names are
    /// there, which the module that this one takes the place of has made. Process context.
    pub fn new(front: &'static Front) -> Result<Self> {
        let files = u32::try_from(front.files.len()).map_err(|_| EINVAL)?;
        let settings = u32::try_from(front.settings.len()).map_err(|_| EINVAL)?;
        let none = ptr::null_mut();
        let new = ptr::from_ref(front).cast_mut();
        FRONT
            .compare_exchange(none, new, Ordering::AcqRel, Ordering::Relaxed)
            .map_err(|_| EEXIST)?;
        // SAFETY: `File` and `Setting` are laid out as in C, and the slices are static.
        let done = to_result(unsafe {
            bindings::rvs_helper_front_register(
                front.files.as_ptr().cast(),
                files,
                front.settings.as_ptr().cast(),
                settings,
            )
        });
        if let Err(error) = done {
            FRONT.store(ptr::null_mut(), Ordering::Release);
            return Err(error);
        }
        Ok(Self(()))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: Registered by `new`.
        unsafe { bindings::rvs_helper_front_unregister() };
        FRONT.store(ptr::null_mut(), Ordering::Release);
    }
}

/// The text of a file that is being read.
///
/// # Invariants
///
/// `file` is valid for `'a`.
pub struct Text<'a> {
    file: *mut bindings::seq_file,
    _life: PhantomData<&'a mut bindings::seq_file>,
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: The type invariant. What does not fit makes the file call again, with more room.
        unsafe {
            bindings::rvs_helper_front_write(self.file, text.as_ptr().cast(), text.len());
        }
        Ok(())
    }
}

/// Called to write a piece of a file. Process context.
///
/// # Safety
///
/// Called by the files only, with live pointers.
#[no_mangle]
unsafe extern "C" fn rvs_front_show(
    file: *const bindings::rvs_front_file,
    net: *mut bindings::net,
    to: *mut bindings::seq_file,
    cursor: *mut u64,
) -> bool {
    // SAFETY: One of the files that `Registration::new` got.
    let file = unsafe { &*file.cast::<File>() };
    // SAFETY: The reader has two numbers there, which nobody else uses meanwhile.
    let cursor = unsafe { &mut *cursor.cast::<[u64; 2]>() };
    // INVARIANT: The file is being read.
    let mut text = Text {
        file: to,
        _life: PhantomData,
    };
    // SAFETY: An open file holds its namespace.
    unsafe { netns::with_net(net, |net| (file.show)(&View::new(net), cursor, &mut text)) }
        .unwrap_or(false)
}

/// Called for what a setting begins with. Process context.
///
/// # Safety
///
/// `number` is valid for two numbers.
#[no_mangle]
unsafe extern "C" fn rvs_front_begin(index: u32, initial: bool, number: *mut c_int) {
    if let Some(front) = front() {
        // SAFETY: By the contract above.
        unsafe { *number.cast::<Value>() = (front.begin)(index as usize, initial) };
    }
}

/// Called when a setting is read, with what was written last. Process context.
///
/// # Safety
///
/// Called by the files only; `number` is valid for two numbers.
#[no_mangle]
unsafe extern "C" fn rvs_front_get(net: *mut bindings::net, index: u32, number: *mut c_int) {
    // SAFETY: By the contract above.
    let number = unsafe { &mut *number.cast::<Value>() };
    // SAFETY: The files are taken away before the state of the namespace is freed.
    let now = unsafe {
        netns::with_net(net, |net| {
            front().map(|front| (front.get)(&View::new(net), index as usize, *number))
        })
    };
    if let Some(Some(now)) = now {
        *number = now;
    }
}

/// Called when a setting is written. Process context; one caller at a time.
///
/// # Safety
///
/// Called by the files only; `number` is valid for two numbers.
#[no_mangle]
unsafe extern "C" fn rvs_front_set(
    net: *mut bindings::net,
    index: u32,
    number: *const c_int,
    privileged: bool,
) -> c_int {
    from_result(|| {
        let front = front().ok_or(ENODEV)?;
        // SAFETY: By the contract above.
        let value = unsafe { *number.cast::<Value>() };
        // SAFETY: The files are taken away before the state of the namespace is freed.
        let set = unsafe {
            netns::with_net(net, |net| {
                (front.set)(&View::new(net), index as usize, value, privileged)
            })
        };
        set.ok_or(ENODEV)??;
        Ok(0)
    })
}
