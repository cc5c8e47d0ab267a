// SPDX-License-Identifier: GPL-2.0

//! References to loadable modules.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h)

use super::bindings;
use core::ptr::NonNull;
use kernel::{
    prelude::*,
    str::CStr,
    ThisModule, //
};

/// Keeps a module from being unloaded.
///
/// # Invariants
///
/// Owns one reference of the module.
pub struct ModuleRef(NonNull<bindings::module>);

// SAFETY: Module references are counted per CPU and may be put anywhere.
unsafe impl Send for ModuleRef {}
// SAFETY: As above.
unsafe impl Sync for ModuleRef {}

impl ModuleRef {
    /// Takes a reference; `None` if the module is being unloaded. Any context.
    pub fn get(module: &'static ThisModule) -> Option<Self> {
        let module = NonNull::new(module.as_ptr())?;
        // SAFETY: The module is loaded: its own `THIS_MODULE` was passed in, and the registry
        // that holds it waits for its users before the module goes.
        let alive = unsafe { bindings::try_module_get(module.as_ptr()) };
        // INVARIANT: The reference just taken.
        alive.then_some(Self(module))
    }

    /// Takes another reference; `None` if the module is being unloaded by force. Any context.
    pub fn again(&self) -> Option<Self> {
        // SAFETY: The type invariant keeps the module loaded.
        let alive = unsafe { bindings::try_module_get(self.0.as_ptr()) };
        // INVARIANT: The reference just taken.
        alive.then_some(Self(self.0))
    }
}

impl Drop for ModuleRef {
    fn drop(&mut self) {
        // SAFETY: By the type invariant.
        unsafe { bindings::module_put(self.0.as_ptr()) };
    }
}

/// Asks userspace to load a module by alias and waits. Process context, no lock held.
pub(crate) fn request(name: &CStr) -> Result {
    // SAFETY: A format with one string argument and that string.
    let ret = unsafe { bindings::__request_module(true, c"%s".as_char_ptr(), name.as_char_ptr()) };
    kernel::error::to_result(ret)
}
