// SPDX-License-Identifier: GPL-2.0

//! A doubly linked list of shared objects that RCU readers walk without a lock.

use super::{
    atomic::{
        AtomicPtr,
        AtomicU64,
        Ordering, //
    },
    lock::{
        Class,
        SpinLockBh, //
    },
    rcu::{
        self,
        Rcu, //
    },
    shared::{
        Inner,
        Ref,
        Shared, //
    },
};
use core::{
    marker::PhantomData,
    ptr::{
        self,
        NonNull, //
    },
};

/// Gives every list an identity, so that an object knows which list it is in.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// In place of a list's identity: the object has left one.
const LEFT: u64 = u64::MAX;

/// A list that owns a reference of each of its objects; the newest stands first.
///
/// Writers take the list's own lock; readers need only a read section. An object is in at most one
/// list. A removed object keeps its `next` pointer, so that a reader that stands on it can go on; it may join a
/// list again when no such reader is left.
pub struct List<T: Send + Sync + 'static> {
    id: u64,
    head: AtomicPtr<Inner<T>>,
    lock: SpinLockBh<()>,
    _own: PhantomData<Shared<T>>,
}

impl<T: Send + Sync + 'static> List<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            head: AtomicPtr::new(ptr::null_mut()),
            lock: SpinLockBh::new((), Class::List),
            _own: PhantomData,
        }
    }

    /// Waits for the readers that may still stand on an object that has just left a list. Process context.
    pub fn await_readers(item: Ref<'_, T>) {
        let link = item.link();
        if link.list.load(Ordering::Acquire) == LEFT {
            rcu::wait_since(link.left.load(Ordering::Relaxed));
            let _ = link
                .list
                .compare_exchange(LEFT, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Adds an object at the front. Gives it back when it is in a list already, or has left one and
    /// [`Self::await_readers`] has not been called since.
    pub fn push_front(&self, item: Shared<T>) -> Result<(), Shared<T>> {
        let link = item.as_ref().link();
        let _guard = self.lock.lock();
        let claimed = link
            .list
            .compare_exchange(0, self.id, Ordering::Relaxed, Ordering::Relaxed);
        if claimed.is_err() {
            return Err(item);
        }
        let first = self.head.load(Ordering::Relaxed);
        link.next.store(first, Ordering::Relaxed);
        link.prev.store(ptr::null_mut(), Ordering::Relaxed);
        let raw = item.into_raw().as_ptr();
        if let Some(first) = NonNull::new(first) {
            // SAFETY: The list owns a reference of `first` and the lock keeps it listed.
            let first = unsafe { Ref::from_raw(first) };
            first.link().prev.store(raw, Ordering::Relaxed);
        }
        self.head.store(raw, Ordering::Release);
        Ok(())
    }

    /// Takes an object out of this list and returns the list's reference to it.
    ///
    /// `None` if the object is not in this list.
    pub fn remove(&self, item: Ref<'_, T>) -> Option<Shared<T>> {
        let _guard = self.lock.lock();
        let link = item.link();
        if link.list.load(Ordering::Relaxed) != self.id {
            return None;
        }
        let next = link.next.load(Ordering::Relaxed);
        let prev = link.prev.load(Ordering::Relaxed);
        match NonNull::new(prev) {
            // SAFETY: A neighbour of a listed object is listed, and the lock keeps it so.
            Some(prev) => unsafe { Ref::from_raw(prev) }
                .link()
                .next
                .store(next, Ordering::Release),
            None => self.head.store(next, Ordering::Release),
        }
        if let Some(next) = NonNull::new(next) {
            // SAFETY: As above.
            let next = unsafe { Ref::from_raw(next) };
            next.link().prev.store(prev, Ordering::Relaxed);
        }
        // A reader that stands on it must not be led elsewhere: it joins no list before all that
        // may be there have gone.
        link.left.store(rcu::now(), Ordering::Relaxed);
        link.list.store(LEFT, Ordering::Release);
        // SAFETY: `push_front` gave the list this reference, and only the change of `list` under
        // the lock above lets one caller take it back.
        Some(unsafe { Shared::from_raw(item.inner()) })
    }

    /// Walks the list from the front.
    #[inline]
    pub fn iter<'a>(&self, _rcu: Rcu<'a>) -> Iter<'a, T> {
        Iter {
            next: self.head.load(Ordering::Acquire),
            _life: PhantomData,
        }
    }

    /// Walks the list from the object after `item`, or from the front if `item` has left it.
    #[inline]
    pub fn iter_after<'a>(&self, rcu: Rcu<'a>, item: Ref<'_, T>) -> Iter<'a, T> {
        let link = item.link();
        if link.list.load(Ordering::Acquire) != self.id {
            return self.iter(rcu);
        }
        // The object was listed inside this read section, so its successor was too, and stays
        // allocated until the section ends.
        Iter {
            next: link.next.load(Ordering::Acquire),
            _life: PhantomData,
        }
    }

    /// The object before `item`, if `item` is in this list and not its first.
    pub fn before(&self, item: Ref<'_, T>) -> Option<Shared<T>> {
        let _guard = self.lock.lock();
        if item.link().list.load(Ordering::Relaxed) != self.id {
            return None;
        }
        let prev = NonNull::new(item.link().prev.load(Ordering::Relaxed))?;
        // SAFETY: A neighbour of a listed object is listed, so the list owns a reference of it,
        // and the lock keeps it so.
        unsafe { Ref::from_raw(prev) }.upgrade()
    }
}

impl<T: Send + Sync + 'static> Default for List<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Send + Sync + 'static> Drop for List<T> {
    fn drop(&mut self) {
        rcu::read(|rcu| {
            for item in self.iter(rcu) {
                drop(self.remove(item));
            }
        });
    }
}

/// Iterator over a [`List`].
pub struct Iter<'a, T: Send + Sync + 'static> {
    next: *mut Inner<T>,
    _life: PhantomData<Ref<'a, T>>,
}

impl<'a, T: Send + Sync + 'static> Iterator for Iter<'a, T> {
    type Item = Ref<'a, T>;

    #[inline]
    fn next(&mut self) -> Option<Ref<'a, T>> {
        let item = NonNull::new(self.next)?;
        // SAFETY: The pointer was read from a list inside the read section `'a`; an object
        // leaves its memory only after a grace period.
        let item = unsafe { Ref::from_raw(item) };
        self.next = item.link().next.load(Ordering::Acquire);
        Some(item)
    }
}
