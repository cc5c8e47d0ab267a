// SPDX-License-Identifier: GPL-2.0

//! The names of those who manage services and servers.

use rvs_logic::logic::uapi;
use std::fmt;

/// The most bytes that a name has.
const LEN: usize = uapi::OWNER_LEN as usize - 1;

/// Who manages an object: a free name of 1 to 31 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    bytes: [u8; LEN],
    len: usize,
}

impl Owner {
    /// No owner, where one has to be said.
    pub const NOBODY: Self = Self {
        bytes: [0; LEN],
        len: 0,
    };

    /// The owner of this name, if it can be one.
    pub fn new(name: &str) -> Option<Self> {
        let mut bytes = [0; LEN];
        if name.is_empty() || name.contains('\0') {
            return None;
        }
        bytes
            .get_mut(..name.len())?
            .copy_from_slice(name.as_bytes());
        Some(Self {
            bytes,
            len: name.len(),
        })
    }

    /// The owner that a user names; a name is not to spoil a terminal.
    pub fn typed(name: &str) -> Result<Self, String> {
        let printable = !name.chars().any(char::is_control);
        let owner = Self::new(name).filter(|_| printable);
        owner.ok_or_else(|| format!("the name of an owner has 1 to {LEN} printable bytes"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        let name = self.bytes.get(..self.len).unwrap_or_default();
        // It was made of a text.
        std::str::from_utf8(name).unwrap_or_default()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let name = |text: &str| Owner::new(text).map(|owner| owner.to_string());
        assert_eq!(name("web"), Some("web".to_owned()));
        assert_eq!(name(&"x".repeat(31)), Some("x".repeat(31)));
        assert_eq!(name(&"x".repeat(32)), None);
        assert_eq!(name(""), None);
        assert_eq!(name("a\0b"), None);
        assert!(Owner::typed("a\x1bb").is_err());
        assert!(Owner::typed("größe 1").is_ok());
    }
}
