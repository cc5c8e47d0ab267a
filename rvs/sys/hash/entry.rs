// SPDX-License-Identifier: GPL-2.0

//! An entry of a [`super::Table`] and its memory.

use super::super::{
    atomic::{
        AtomicPtr,
        AtomicU32, //
    },
    bindings,
    cache::{
        Cache,
        Object, //
    },
    rcu::Rcu, //
};
use core::{
    alloc::Layout,
    cell::UnsafeCell,
    mem::offset_of,
    ops::Deref,
    ptr::{
        self,
        NonNull, //
    },
};

pub(super) const NEW: u32 = 0;
pub(super) const LIVE: u32 = 1;
pub(super) const DEAD: u32 = 2;

/// The place of an entry in one chain.
#[repr(C)]
pub(super) struct Node {
    pub(super) next: AtomicPtr<Node>,
    pub(super) hash: u32,
    /// Which of the entry's nodes this is.
    pub(super) index: u32,
}

/// What is allocated for an entry.
#[repr(C)]
pub(super) struct Entry<T, const N: usize> {
    pub(super) nodes: [Node; N],
    pub(super) value: T,
    pub(super) life: AtomicU32,
    rcu: UnsafeCell<bindings::callback_head>,
}

/// Where the memory of a table's entries comes from.
pub(crate) trait Pool: Send + Sync + 'static {
    /// The slab cache of the entries.
    fn cache() -> &'static Cache;
}

/// Shape of the entries of a table, to create the slab cache with.
pub(crate) const fn entry_layout<T, const N: usize>() -> Object {
    Object {
        layout: Layout::new::<Entry<T, N>>(),
        rcu: offset_of!(Entry<T, N>, rcu),
    }
}

/// Where the value is in an entry.
pub(crate) const fn value_offset<T, const N: usize>() -> usize {
    offset_of!(Entry<T, N>, value)
}

/// An entry that a reader found, valid for its read section.
pub(crate) struct Found<'a, T, const N: usize>(pub(super) &'a Entry<T, N>);

impl<T, const N: usize> Clone for Found<'_, T, N> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, const N: usize> Copy for Found<'_, T, N> {}

impl<'a, T, const N: usize> Found<'a, T, N> {
    /// The entry's value for the whole of the read section.
    #[inline]
    pub(crate) fn get(self) -> &'a T {
        &self.0.value
    }
}

impl<T, const N: usize> Deref for Found<'_, T, N> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T, const N: usize> Entry<T, N> {
    /// Allocates an entry that is not in a table yet.
    pub(super) fn alloc<P: Pool>(hashes: [u32; N], value: T) -> Option<NonNull<Self>> {
        let entry = P::cache().alloc()?.cast::<Self>();
        let mut index = 0;
        let nodes = hashes.map(|hash| {
            let node = Node {
                next: AtomicPtr::new(ptr::null_mut()),
                hash,
                index,
            };
            index = index.wrapping_add(1);
            node
        });
        // SAFETY: The cache was created with this layout and the memory is not shared yet.
        unsafe {
            entry.write(Self {
                nodes,
                value,
                life: AtomicU32::new(NEW),
                rcu: UnsafeCell::new(bindings::callback_head::default()),
            })
        };
        Some(entry)
    }

    /// # Safety
    ///
    /// The entry came from [`Self::alloc`] and nobody can reach it any more.
    pub(super) unsafe fn free<P: Pool>(entry: NonNull<Self>) {
        // SAFETY: By the contract above, the value is valid and this is its end.
        unsafe {
            entry.drop_in_place();
            P::cache().free(entry.cast());
        }
    }

    /// Frees the entry after a grace period.
    ///
    /// # Safety
    ///
    /// The entry came from [`Self::alloc`] with the same `P`, no new reader can reach it, and nobody
    /// else frees it.
    pub(super) unsafe fn free_later<P: Pool>(&self) {
        // SAFETY: By the contract above; `release` frees the entry that the head is part of.
        unsafe { bindings::call_rcu(self.rcu.get(), Some(release::<T, N, P>)) };
    }

    /// The entry that a node is part of.
    #[inline(always)]
    pub(super) fn of_node<'a>(_rcu: Rcu<'a>, node: &'a Node) -> &'a Self {
        // Most often it is the first, and whoever looks for an entry asks the same of the index.
        let first = match node.index {
            0 => ptr::from_ref(node),
            index => ptr::from_ref(node).wrapping_sub(index as usize),
        };
        let entry = first
            .cast::<u8>()
            .wrapping_sub(offset_of!(Self, nodes))
            .cast::<Self>();
        // SAFETY: All nodes of a table's chains are members of the `nodes` array of such an entry
        // at their `index` (`alloc` alone makes them), and an unlinked entry stays allocated for
        // the read section.
        unsafe { &*entry }
    }
}

/// Frees an entry after its grace period. Softirq context.
///
/// # Safety
///
/// Called by RCU with the `rcu` member of an unlinked `Entry<T, N>`.
unsafe extern "C" fn release<T, const N: usize, P: Pool>(head: *mut bindings::callback_head) {
    let entry = head
        .cast::<u8>()
        .wrapping_sub(offset_of!(Entry<T, N>, rcu))
        .cast::<Entry<T, N>>();
    if let Some(entry) = NonNull::new(entry) {
        // SAFETY: Unlinked before the grace period that has ended now.
        unsafe { Entry::<T, N>::free::<P>(entry) };
    }
}
