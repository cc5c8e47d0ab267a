// SPDX-License-Identifier: GPL-2.0

//! Who manages a service or a destination: a free name, or nobody.

use super::uapi::OWNER_LEN;

/// Most bytes of a name.
// CAST: a small constant.
const MAX: usize = OWNER_LEN as usize - 1;

/// The name of an owner; the empty one is nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owner {
    /// Zeros follow the name.
    bytes: [u8; MAX],
}

impl Owner {
    /// Nobody.
    pub const NOBODY: Self = Self { bytes: [0; MAX] };

    /// The owner of this name; none if it is too long or contains blanks or
    /// control characters.
    pub fn new(name: &str) -> Option<Self> {
        if name.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        let mut bytes = [0; MAX];
        bytes
            .get_mut(..name.len())?
            .copy_from_slice(name.as_bytes());
        Some(Self { bytes })
    }

    /// The name.
    pub fn name(&self) -> &str {
        let end = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(MAX);
        let name = self.bytes.get(..end).unwrap_or_default();
        // It was made of a name.
        core::str::from_utf8(name).unwrap_or_default()
    }

    /// Whether there is an owner.
    pub fn is_somebody(&self) -> bool {
        *self != Self::NOBODY
    }

    /// Whether `asking` must not touch the objects of this owner without force: they are somebody
    /// else's.
    pub fn is_foreign_to(&self, asking: &Self) -> bool {
        self.is_somebody() && self != asking
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> Owner {
        Owner::new(name).unwrap()
    }

    #[test]
    fn names_come_back() {
        for name in ["", "kube-proxy", "prefect_ä", &"x".repeat(MAX)] {
            assert_eq!(owner(name).name(), name);
        }
        assert!(!owner("").is_somebody());
        assert!(owner("a").is_somebody());
    }

    #[test]
    fn bad_names() {
        for name in ["a b", "a\n", "\u{7f}", "a\u{a0}b", &"x".repeat(MAX + 1)] {
            assert_eq!(Owner::new(name), None, "{name:?}");
        }
    }

    #[test]
    fn whose() {
        let [me, you, nobody] = [owner("me"), owner("you"), Owner::NOBODY];
        assert!(me.is_foreign_to(&you) && me.is_foreign_to(&nobody));
        assert!(!me.is_foreign_to(&me) && !nobody.is_foreign_to(&me));
    }
}
