// SPDX-License-Identifier: GPL-2.0

//! Reference-counted objects that readers reach through RCU.
//!
//! A [`Shared`] is an owner. A [`Ref`] is what a reader finds in an RCU-protected list: valid for
//! the read section, no count taken. When the last owner goes, the value is dropped and its
//! memory freed after a grace period.

use super::{
    atomic::{
        AtomicPtr,
        AtomicU64,
        AtomicUsize,
        Ordering, //
    },
    bindings,
    rcu::{
        self,
        Rcu, //
    },
};
use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    ops::Deref,
    ptr::{
        self,
        NonNull, //
    },
};
use kernel::{
    alloc::{
        AllocError,
        Flags, //
    },
    prelude::*, //
};

/// The place of an object in a [`super::list::List`].
pub(super) struct Link<T> {
    pub(super) next: AtomicPtr<Inner<T>>,
    pub(super) prev: AtomicPtr<Inner<T>>,
    /// Identity of the list that holds the object, 0 for none.
    pub(super) list: AtomicU64,
    /// When it left a list, see [`rcu::now`].
    pub(super) left: AtomicUsize,
}

/// What is allocated for a [`Shared`].
#[repr(C)]
pub(super) struct Inner<T> {
    refs: AtomicUsize,
    pub(super) link: Link<T>,
    rcu: UnsafeCell<bindings::callback_head>,
    /// Frees the object. It is code of the module that made the object: whoever is the last owner
    /// may be in a module that is gone before the grace period ends.
    release: unsafe extern "C" fn(*mut bindings::callback_head),
    value: T,
}

/// An owner of a reference-counted object that is freed after an RCU grace period.
///
/// # Invariants
///
/// `ptr` points to a live `Inner` and this value owns one of its references.
pub struct Shared<T: Send + Sync + 'static> {
    ptr: NonNull<Inner<T>>,
    _own: PhantomData<Inner<T>>,
}

// SAFETY: The count is atomic and `T` itself may be shared and sent.
unsafe impl<T: Send + Sync + 'static> Send for Shared<T> {}
// SAFETY: As above.
unsafe impl<T: Send + Sync + 'static> Sync for Shared<T> {}

impl<T: Send + Sync + 'static> Shared<T> {
    /// Allocates an object. Process context with `GFP_KERNEL`, any context with `GFP_ATOMIC`.
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        let inner = KBox::new(
            Inner {
                refs: AtomicUsize::new(1),
                link: Link {
                    next: AtomicPtr::new(ptr::null_mut()),
                    prev: AtomicPtr::new(ptr::null_mut()),
                    list: AtomicU64::new(0),
                    left: AtomicUsize::new(0),
                },
                rcu: UnsafeCell::new(bindings::callback_head::default()),
                release: release::<T>,
                value,
            },
            flags,
        )?;
        rcu::object_born();
        let raw = KBox::into_raw(inner);
        // SAFETY: `into_raw` never returns null.
        let ptr = unsafe { NonNull::new_unchecked(raw) };
        // INVARIANT: The count starts with the one reference of this value.
        Ok(Self {
            ptr,
            _own: PhantomData,
        })
    }

    /// The same object as a reader sees it.
    pub fn as_ref<'a>(&'a self) -> Ref<'a, T> {
        // SAFETY: The type invariant keeps the object alive for the borrow.
        unsafe { Ref::from_raw(self.ptr) }
    }

    /// The same object as a reader sees it, also after this owner has gone: the last one frees it only after
    /// a grace period.
    #[inline]
    pub(crate) fn guarded<'a>(&self, _rcu: Rcu<'a>) -> Ref<'a, T> {
        // SAFETY: Alive now by the type invariant, so its memory outlives the read section `'a`.
        unsafe { Ref::from_raw(self.ptr) }
    }

    /// Whether this value is the only owner.
    pub fn is_sole(&self) -> bool {
        // SAFETY: The type invariant keeps the object alive.
        unsafe { self.ptr.as_ref() }.refs.load(Ordering::Acquire) == 1
    }

    /// Gives the reference up to a raw pointer; [`Self::from_raw`] takes it back.
    pub(super) fn into_raw(self) -> NonNull<Inner<T>> {
        let ptr = self.ptr;
        core::mem::forget(self);
        ptr
    }

    /// # Safety
    ///
    /// `ptr` came from [`Self::into_raw`] and its reference has not been taken back.
    pub(super) unsafe fn from_raw(ptr: NonNull<Inner<T>>) -> Self {
        // INVARIANT: The caller passes on the reference.
        Self {
            ptr,
            _own: PhantomData,
        }
    }
}

impl<T: Send + Sync + 'static> Clone for Shared<T> {
    fn clone(&self) -> Self {
        // SAFETY: The type invariant keeps the object alive.
        unsafe { self.ptr.as_ref() }
            .refs
            .fetch_add(1, Ordering::Relaxed);
        // INVARIANT: The reference just taken.
        Self {
            ptr: self.ptr,
            _own: PhantomData,
        }
    }
}

impl<T: Send + Sync + 'static> Deref for Shared<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: The type invariant keeps the object alive for the borrow.
        unsafe { &self.ptr.as_ref().value }
    }
}

impl<T: Send + Sync + 'static> Drop for Shared<T> {
    fn drop(&mut self) {
        // SAFETY: The type invariant keeps the object alive until the count below drops.
        let inner = unsafe { self.ptr.as_ref() };
        if inner.refs.fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: The count is zero, so nobody can take a reference any more (`upgrade`
            // refuses) and this is the only call for the object. `release` frees it.
            unsafe { bindings::call_rcu(inner.rcu.get(), Some(inner.release)) };
        }
    }
}

/// Frees an object after its grace period. Softirq context.
///
/// # Safety
///
/// Called by RCU with the `rcu` member of an `Inner<T>` whose count is zero.
unsafe extern "C" fn release<T>(head: *mut bindings::callback_head) {
    let offset = core::mem::offset_of!(Inner<T>, rcu);
    // SAFETY: The head is the member of an `Inner<T>` at that offset.
    let inner = unsafe { head.cast::<u8>().sub(offset).cast::<Inner<T>>() };
    // SAFETY: The memory came from `KBox::new` and nobody reaches it after the grace period.
    drop(unsafe { KBox::from_raw(inner) });
    rcu::object_gone();
}

/// A reader's view of a shared object, valid for the RCU section or borrow `'a`.
///
/// # Invariants
///
/// `ptr` points to an `Inner` that stays allocated for `'a`.
pub struct Ref<'a, T: Send + Sync + 'static> {
    ptr: NonNull<Inner<T>>,
    _life: PhantomData<&'a Inner<T>>,
}

impl<T: Send + Sync + 'static> Clone for Ref<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Ref<'_, T> {}

impl<'a, T: Send + Sync + 'static> Ref<'a, T> {
    /// # Safety
    ///
    /// `ptr` points to an object that stays allocated for `'a`.
    #[inline]
    pub(super) unsafe fn from_raw(ptr: NonNull<Inner<T>>) -> Self {
        // INVARIANT: By the contract above.
        Self {
            ptr,
            _life: PhantomData,
        }
    }

    /// The object for the whole of `'a`, not only for the borrow of this value.
    #[inline]
    pub fn get(self) -> &'a T {
        // SAFETY: The type invariant.
        unsafe { &self.ptr.as_ref().value }
    }

    /// Becomes an owner, unless the last owner has gone already.
    pub fn upgrade(self) -> Option<Shared<T>> {
        // SAFETY: The type invariant.
        let refs = unsafe { &self.ptr.as_ref().refs };
        refs.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
            (n != 0).then(|| n.wrapping_add(1))
        })
        .ok()?;
        // INVARIANT: The reference just taken.
        Some(Shared {
            ptr: self.ptr,
            _own: PhantomData,
        })
    }

    /// Whether both are the same object.
    #[inline]
    pub fn same(self, other: Ref<'_, T>) -> bool {
        ptr::eq(self.ptr.as_ptr(), other.ptr.as_ptr())
    }

    #[inline]
    pub(super) fn inner(self) -> NonNull<Inner<T>> {
        self.ptr
    }

    #[inline]
    pub(super) fn link(self) -> &'a Link<T> {
        // SAFETY: The type invariant.
        unsafe { &self.ptr.as_ref().link }
    }
}

impl<T: Send + Sync + 'static> Deref for Ref<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.get()
    }
}

/// A place that holds a shared object, or none, and may be given another while readers look.
pub struct Slot<T: Send + Sync + 'static> {
    ptr: AtomicPtr<Inner<T>>,
    _own: PhantomData<Shared<T>>,
}

impl<T: Send + Sync + 'static> Slot<T> {
    /// A slot that holds `value`.
    pub fn new(value: Shared<T>) -> Self {
        Self {
            ptr: AtomicPtr::new(value.into_raw().as_ptr()),
            _own: PhantomData,
        }
    }

    /// A slot that holds nothing.
    pub fn empty() -> Self {
        Self {
            ptr: AtomicPtr::new(ptr::null_mut()),
            _own: PhantomData,
        }
    }

    /// What the slot holds now.
    #[inline]
    pub fn get<'a>(&self, _rcu: Rcu<'a>) -> Option<Ref<'a, T>> {
        let ptr = NonNull::new(self.ptr.load(Ordering::Acquire))?;
        // SAFETY: The slot owns a reference; when another takes its place the object is freed
        // only after a grace period, and the caller is in a read section for `'a`.
        Some(unsafe { Ref::from_raw(ptr) })
    }

    /// Puts `value` in and returns what was there; readers see one or the other.
    pub fn replace(&self, value: Option<Shared<T>>) -> Option<Shared<T>> {
        let new = value.map_or(ptr::null_mut(), |value| value.into_raw().as_ptr());
        let old = NonNull::new(self.ptr.swap(new, Ordering::AcqRel))?;
        // SAFETY: The slot owned the reference of `old` and no longer knows it.
        Some(unsafe { Shared::from_raw(old) })
    }
}

impl<T: Send + Sync + 'static> Drop for Slot<T> {
    fn drop(&mut self) {
        drop(self.replace(None));
    }
}
