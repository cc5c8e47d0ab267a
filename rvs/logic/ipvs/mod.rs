// SPDX-License-Identifier: GPL-2.0

//! What IPVS's own clients expect to read and write, for the front end `rvs_ipvs`.

pub mod daemon;
pub mod files;
pub mod policy;
pub mod settings;
pub mod spec;
pub mod uapi;
pub mod xt;

/// Why a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// `EINVAL`
    Invalid,
    /// `ERANGE`
    Range,
    /// `EAFNOSUPPORT`
    Family,
}

/// The first bytes, and zeros where there are none.
fn padded<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut all = [0; N];
    for (to, from) in all.iter_mut().zip(bytes) {
        *to = *from;
    }
    all
}
