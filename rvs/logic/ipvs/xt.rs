// SPDX-License-Identifier: GPL-2.0

//! What the match "ipvs" of iptables asks of a packet, revision 0.

use crate::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    uapi::Method,
};

/// Bytes of what iptables tells the kernel.
pub const INFO_LEN: usize = 40;

const PROTOCOL: u8 = 1 << 1;
const ADDR: u8 = 1 << 2;
const PORT: u8 = 1 << 3;
const DIRECTION: u8 = 1 << 4;
const METHOD: u8 = 1 << 5;
const CONTROLLER: u8 = 1 << 6;

/// What is asked for: conditions, all of which must hold, or their opposites.
#[derive(Clone, Copy)]
pub struct Wanted {
    addr: [u8; 16],
    mask: [u8; 16],
    port: u16,
    protocol: u8,
    method: u8,
    controller: u16,
    /// Which of the conditions are turned over.
    invert: u8,
    /// Which conditions there are.
    which: u8,
}

/// What is known about a packet to a server, and its connection.
#[derive(Clone, Copy)]
pub struct Facts {
    /// The family of the packet.
    pub family: Family,
    /// Its protocol.
    pub protocol: Protocol,
    /// The end that the client sees.
    pub virtual_end: Endpoint,
    /// How the server is reached.
    pub method: Method,
    /// The port of the template that the connection was made by.
    pub controller: Option<u16>,
    /// Whether nf_conntrack takes it for an answer, if it knows it.
    pub reply: Option<bool>,
}

impl Wanted {
    /// As it is in memory.
    pub fn parse(info: &[u8; INFO_LEN]) -> Self {
        let (addr, rest) = info.split_first_chunk().unwrap_or((&[0; 16], &[]));
        let (mask, rest) = rest.split_first_chunk().unwrap_or((&[0; 16], &[]));
        let rest = rest.first_chunk().unwrap_or(&[0; 8]);
        let [p0, p1, protocol, method, c0, c1, invert, which] = *rest;
        Self {
            addr: *addr,
            mask: *mask,
            port: u16::from_be_bytes([p0, p1]),
            protocol,
            method,
            controller: u16::from_be_bytes([c0, c1]),
            invert,
            which,
        }
    }

    /// Whether the packet is one.
    pub fn matches(&self, facts: &Facts) -> bool {
        let conditions = [
            (PROTOCOL, Some(facts.protocol.0 == self.protocol)),
            (PORT, Some(facts.virtual_end.port == self.port)),
            (CONTROLLER, Some(facts.controller == Some(self.controller))),
            // Without nf_conntrack there is no direction, nor its opposite. "Original" is asked for, unless
            // turned over.
            (DIRECTION, facts.reply.map(|reply| !reply)),
            (METHOD, Some(facts.method.value() == self.method)),
            (
                ADDR,
                Some(self.has_addr(facts.family, facts.virtual_end.addr)),
            ),
        ];
        conditions
            .into_iter()
            .all(|(bit, holds)| self.which & bit == 0 || holds == Some(self.invert & bit == 0))
    }

    fn has_addr(&self, family: Family, addr: Addr) -> bool {
        let [addr, wanted, mask] = [addr.bytes(), self.addr, self.mask].map(u128::from_be_bytes);
        let differs = (addr ^ wanted) & mask;
        match family {
            // The rest of the 16 bytes does not count.
            Family::Ipv4 => differs >> 96 == 0,
            Family::Ipv6 => differs == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            family: Family::Ipv4,
            protocol: Protocol::TCP,
            virtual_end: Endpoint::new(Addr::from_v4([10, 0, 0, 100]), 80),
            method: Method::Nat,
            controller: None,
            reply: None,
        }
    }

    fn wanted(which: u8, invert: u8) -> Wanted {
        let mut info = [0; INFO_LEN];
        info[..4].copy_from_slice(&[10, 0, 0, 1]);
        info[16..20].copy_from_slice(&[255, 255, 255, 0]);
        info[32..].copy_from_slice(&[0, 80, 6, 0, 0, 21, invert, which | 1]);
        Wanted::parse(&info)
    }

    #[test]
    fn each_condition_and_its_opposite() {
        for (bit, holds) in [
            (PROTOCOL, true),
            (ADDR, true),
            (PORT, true),
            (METHOD, true),
            (CONTROLLER, false),
        ] {
            assert_eq!(wanted(bit, 0).matches(&facts()), holds, "{bit}");
            assert_eq!(wanted(bit, bit).matches(&facts()), !holds, "{bit}");
        }
        let all = PROTOCOL | ADDR | PORT | METHOD;
        assert!(wanted(all, 0).matches(&facts()));
        assert!(!wanted(all, PORT).matches(&facts()));
        let kept = Facts {
            controller: Some(21),
            ..facts()
        };
        assert!(wanted(CONTROLLER, 0).matches(&kept));
    }

    #[test]
    fn direction_needs_conntrack() {
        assert!(!wanted(DIRECTION, 0).matches(&facts()));
        assert!(!wanted(DIRECTION, DIRECTION).matches(&facts()));
        let known = |reply| Facts {
            reply: Some(reply),
            ..facts()
        };
        assert!(wanted(DIRECTION, 0).matches(&known(false)));
        assert!(!wanted(DIRECTION, 0).matches(&known(true)));
        assert!(wanted(DIRECTION, DIRECTION).matches(&known(true)));
    }

    #[test]
    fn addresses_under_their_mask() {
        let far = Facts {
            virtual_end: Endpoint::new(Addr::from_v4([10, 0, 1, 100]), 80),
            ..facts()
        };
        assert!(!wanted(ADDR, 0).matches(&far));
        assert!(wanted(ADDR, ADDR).matches(&far));
    }
}
