// SPDX-License-Identifier: GPL-2.0

//! Which connections a request is about.
//!
//! A filter goes by what a listing shows of an entry, so whoever has seen the
//! listing knows what the filter takes.

use super::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    uapi::{
        ConnState,
        Method, //
    },
};

/// The first bits of an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prefix {
    family: Family,
    addr: Addr,
    len: u8,
}

/// The number of bits of an address.
pub const fn addr_bits(family: Family) -> u8 {
    match family {
        Family::Ipv4 => 32,
        Family::Ipv6 => 128,
    }
}

impl Prefix {
    /// The first `len` bits of `addr`; `None` if it has fewer.
    pub fn new(family: Family, addr: Addr, len: u8) -> Option<Self> {
        (len <= addr_bits(family)).then(|| Self {
            family,
            addr: addr.masked(family, len),
            len,
        })
    }

    /// Whether an address begins with it.
    pub fn contains(&self, family: Family, addr: &Addr) -> bool {
        family == self.family && addr.masked(family, self.len) == self.addr
    }
}

/// What one end of a connection must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EndFilter {
    /// The address begins so.
    pub prefix: Option<Prefix>,
    /// The port is this.
    pub port: Option<u16>,
}

impl EndFilter {
    fn passes(&self, family: Family, end: &Endpoint) -> bool {
        self.prefix
            .is_none_or(|prefix| prefix.contains(family, &end.addr))
            && wants(&self.port, &end.port)
    }
}

/// Whether a value is the wanted one, if one is wanted.
fn wants<T: PartialEq>(wanted: &Option<T>, value: &T) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted == value)
}

/// A connection, or what persistence remembers of a client, as listings show it. `K` names a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown<K> {
    /// Family of the client and the virtual address.
    pub family: Family,
    /// The transport protocol.
    pub protocol: Protocol,
    /// The client.
    pub client: Endpoint,
    /// Where the client connects to.
    pub virtual_end: Endpoint,
    /// Family of the server.
    pub dest_family: Family,
    /// The server.
    pub dest: Endpoint,
    /// The firewall mark that is the key of the service.
    pub mark: Option<u32>,
    /// The forwarding method.
    pub method: Method,
    /// The state.
    pub state: ConnState,
    /// Whether it is what persistence remembers.
    pub template: bool,
    /// The service.
    pub service: K,
}

/// What an entry must be; what is absent may be anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filter<K> {
    /// Family of the client and the virtual address.
    pub family: Option<Family>,
    /// The transport protocol.
    pub protocol: Option<Protocol>,
    /// The client.
    pub client: EndFilter,
    /// Where the client connects to.
    pub virtual_end: EndFilter,
    /// Family of the server.
    pub dest_family: Option<Family>,
    /// The server.
    pub dest: EndFilter,
    /// The firewall mark that is the key of the service.
    pub mark: Option<u32>,
    /// The forwarding method.
    pub method: Option<Method>,
    /// The state.
    pub state: Option<ConnState>,
    /// Whether it is what persistence remembers.
    pub template: Option<bool>,
    /// The service.
    pub service: Option<K>,
}

impl<K> Default for Filter<K> {
    fn default() -> Self {
        Self {
            family: None,
            protocol: None,
            client: EndFilter::default(),
            virtual_end: EndFilter::default(),
            dest_family: None,
            dest: EndFilter::default(),
            mark: None,
            method: None,
            state: None,
            template: None,
            service: None,
        }
    }
}

impl<K: PartialEq> Filter<K> {
    /// Whether an entry is what the filter asks for.
    pub fn passes(&self, entry: &Shown<K>) -> bool {
        wants(&self.family, &entry.family)
            && wants(&self.protocol, &entry.protocol)
            && self.client.passes(entry.family, &entry.client)
            && self.virtual_end.passes(entry.family, &entry.virtual_end)
            && wants(&self.dest_family, &entry.dest_family)
            && self.dest.passes(entry.dest_family, &entry.dest)
            && self.mark.is_none_or(|mark| entry.mark == Some(mark))
            && wants(&self.method, &entry.method)
            && wants(&self.state, &entry.state)
            && wants(&self.template, &entry.template)
            && wants(&self.service, &entry.service)
    }

    /// Whether entries of the connection table can pass at all.
    pub fn takes_conns(&self) -> bool {
        self.template != Some(true)
    }

    /// Whether what persistence remembers can pass at all.
    pub fn takes_templates(&self) -> bool {
        self.template != Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(a: u8, b: u8, c: u8, d: u8) -> Addr {
        Addr::from_v4([a, b, c, d])
    }

    fn shown() -> Shown<u32> {
        Shown {
            family: Family::Ipv4,
            protocol: Protocol::TCP,
            client: Endpoint::new(v4(10, 0, 0, 2), 4000),
            virtual_end: Endpoint::new(v4(192, 0, 2, 1), 80),
            dest_family: Family::Ipv4,
            dest: Endpoint::new(v4(192, 168, 0, 11), 8080),
            mark: None,
            method: Method::Nat,
            state: ConnState::Established,
            template: false,
            service: 7,
        }
    }

    fn client(prefix: Option<Prefix>, port: Option<u16>) -> Filter<u32> {
        Filter {
            client: EndFilter { prefix, port },
            ..Filter::default()
        }
    }

    #[test]
    fn an_empty_filter_takes_everything() {
        assert!(Filter::default().passes(&shown()));
    }

    #[test]
    fn prefixes() {
        let prefix = |d, len| Prefix::new(Family::Ipv4, v4(10, 0, 0, d), len);
        assert!(client(prefix(2, 32), None).passes(&shown()));
        assert!(!client(prefix(3, 32), None).passes(&shown()));
        assert!(client(prefix(3, 31), None).passes(&shown()));
        assert!(client(prefix(255, 24), None).passes(&shown()));
        assert!(client(Prefix::new(Family::Ipv4, v4(1, 2, 3, 4), 0), None).passes(&shown()));
        assert_eq!(prefix(2, 33), None);
        // The same bits in the other family are another address.
        let other = Prefix::new(Family::Ipv6, v4(10, 0, 0, 2), 0);
        assert!(!client(other, None).passes(&shown()));
    }

    #[test]
    fn each_part_counts() {
        let filter = Filter {
            family: Some(Family::Ipv4),
            protocol: Some(Protocol::TCP),
            dest_family: Some(Family::Ipv4),
            method: Some(Method::Nat),
            state: Some(ConnState::Established),
            template: Some(false),
            service: Some(7),
            ..Filter::default()
        };
        assert!(filter.passes(&shown()));
        let changes: [fn(&mut Filter<u32>); 8] = [
            |filter| filter.family = Some(Family::Ipv6),
            |filter| filter.protocol = Some(Protocol::UDP),
            |filter| filter.dest_family = Some(Family::Ipv6),
            |filter| filter.method = Some(Method::Direct),
            |filter| filter.state = Some(ConnState::TimeWait),
            |filter| filter.template = Some(true),
            |filter| filter.service = Some(8),
            |filter| filter.mark = Some(1),
        ];
        for change in changes {
            let mut other = filter;
            change(&mut other);
            assert!(!other.passes(&shown()));
        }
    }

    #[test]
    fn ports_and_kinds() {
        assert!(client(None, Some(4000)).passes(&shown()));
        assert!(!client(None, Some(4001)).passes(&shown()));
        let of = |template| Filter::<u32> {
            template,
            ..Filter::default()
        };
        let kinds = |filter: Filter<u32>| (filter.takes_conns(), filter.takes_templates());
        assert_eq!(kinds(of(None)), (true, true));
        assert_eq!(kinds(of(Some(true))), (false, true));
        assert_eq!(kinds(of(Some(false))), (true, false));
    }
}
