// SPDX-License-Identifier: GPL-2.0

//! What the hash schedulers have in common: a table of slots, and what to do when
//! a place of it leads to a server that takes no new connections.

use super::{
    FLAG_EXACT,
    FLAG_FALLBACK, //
};
use crate::logic::{
    addr::{
        Addr,
        Family, //
    },
    num, //
};

/// A place of a table that leads nowhere.
pub const NOWHERE: u32 = u32::MAX;

/// How many other places are tried before [`Pick::Any`].
const TRIES: u32 = 8;

/// A server as the builder of a table sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its slot.
    pub slot: u32,
    /// Its weight.
    pub weight: u32,
    /// Its last weight that was not 0.
    pub last_weight: u32,
    /// Its address.
    pub addr: Addr,
    /// Its port.
    pub port: u16,
}

/// What came of looking a flow up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pick {
    /// This slot.
    Slot(u32),
    /// Nobody.
    Nobody,
    /// None of the places that were tried; any server will do, chosen by this number.
    Any(u32),
}

/// Which servers take new connections.
pub trait Usable {
    /// Whether the one in this slot does.
    fn takes(&self, slot: u32) -> bool;

    /// Whether any of them does.
    fn anybody(&self) -> bool;
}

impl<F: Fn(u32) -> bool> Usable for F {
    fn takes(&self, slot: u32) -> bool {
        self(slot)
    }

    fn anybody(&self) -> bool {
        true
    }
}

/// How to go on when the first place is of no use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fallback {
    /// Not at all.
    Never,
    /// As IPVS: through the whole table.
    Whole,
    /// A few more places, then any server.
    Brief,
}

impl Fallback {
    /// What the scheduler's flags ask for.
    pub fn from_flags(flags: u32) -> Self {
        match (flags & FLAG_EXACT != 0, flags & FLAG_FALLBACK != 0) {
            (true, false) => Self::Never,
            (true, true) => Self::Whole,
            (false, _) => Self::Brief,
        }
    }

    /// How many places to try in a table of `size`.
    fn tries(self, size: u32) -> u32 {
        match self {
            Self::Never => 0,
            Self::Whole => size,
            Self::Brief => TRIES.min(size),
        }
    }
}

/// Looks a flow up. `first` is its place, `next` the place of try number `n`.
pub fn pick(
    table: &[u32],
    fallback: Fallback,
    first: u32,
    next: impl Fn(u32) -> u32,
    usable: &impl Usable,
) -> Pick {
    let at = |place: u32| table.get(num::index(place)).copied().unwrap_or(NOWHERE);
    let slot = at(first);
    // IPVS behaviour: a table without servers is not searched.
    if slot == NOWHERE {
        return Pick::Nobody;
    }
    if usable.takes(slot) {
        return Pick::Slot(slot);
    }
    if fallback == Fallback::Never || !usable.anybody() {
        return Pick::Nobody;
    }
    let size = num::saturating_u32(table.len());
    for n in 0..fallback.tries(size) {
        let slot = at(next(n));
        if slot != NOWHERE && usable.takes(slot) {
            return Pick::Slot(slot);
        }
    }
    match fallback {
        Fallback::Brief => Pick::Any(next(TRIES)),
        _ => Pick::Nobody,
    }
}

/// IPVS behaviour: an address as one number; of IPv6 its four words combined.
#[inline]
pub fn fold(family: Family, addr: &Addr) -> u32 {
    match family {
        Family::Ipv4 => u32::from_be(addr.v4_word()),
        Family::Ipv6 => {
            let [first, second] = addr.words();
            let both = first ^ second;
            u32::from_be(num::low32(both) ^ num::high32(both))
        }
    }
}

/// The kernel's multiplicative hash of a number to `bits` bits, 1 to 32.
#[inline]
pub fn hash(number: u32, bits: u32) -> u32 {
    let wide = number.wrapping_mul(0x61c8_8647);
    wide.checked_shr(32u32.wrapping_sub(bits)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        assert_eq!(Fallback::from_flags(0), Fallback::Brief);
        assert_eq!(Fallback::from_flags(FLAG_FALLBACK), Fallback::Brief);
        assert_eq!(Fallback::from_flags(FLAG_EXACT), Fallback::Never);
        let both = FLAG_EXACT | FLAG_FALLBACK;
        assert_eq!(Fallback::from_flags(both), Fallback::Whole);
    }

    #[test]
    fn folding_reads_network_order() {
        let v4 = Addr::from_v4([10, 0, 0, 1]);
        assert_eq!(fold(Family::Ipv4, &v4), 0x0a00_0001);
        let v6 = Addr::from_v6([0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 0]);
        assert_eq!(fold(Family::Ipv6, &v6), 0x0403_0201);
    }

    #[test]
    fn whole_brief_never() {
        let table = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        let next = |n| (n + 1) % 12;
        let look = |fallback, usable: fn(u32) -> bool| pick(&table, fallback, 0, next, &usable);
        assert_eq!(look(Fallback::Never, |slot| slot == 0), Pick::Slot(0));
        assert_eq!(look(Fallback::Never, |slot| slot == 1), Pick::Nobody);
        assert_eq!(look(Fallback::Whole, |slot| slot == 11), Pick::Slot(11));
        assert_eq!(look(Fallback::Whole, |_| false), Pick::Nobody);
        assert_eq!(look(Fallback::Brief, |slot| slot == 8), Pick::Slot(8));
        assert_eq!(look(Fallback::Brief, |slot| slot == 9), Pick::Any(9));
        assert_eq!(
            pick(&[NOWHERE; 4], Fallback::Whole, 0, next, &|_| true),
            Pick::Nobody
        );
        assert_eq!(pick(&[], Fallback::Brief, 0, next, &|_| true), Pick::Nobody);
    }
}
