// SPDX-License-Identifier: GPL-2.0

//! Names of hosts and ports instead of their numbers.

use crate::request::ServerKey;
use rvs_logic::logic::addr::{
    Addr,
    Endpoint,
    Family,
    Protocol, //
};
use std::{
    cell::RefCell,
    collections::HashMap,
    fs,
    net::IpAddr, //
};

/// Looks names up, each address once.
pub struct Names {
    numeric: bool,
    services: String,
    hosts: RefCell<HashMap<IpAddr, String>>,
}

impl Names {
    /// Names, or numbers if `numeric`.
    pub fn new(numeric: bool) -> Self {
        let services = match numeric {
            true => String::new(),
            // Without the file ports have no names.
            false => fs::read_to_string("/etc/services").unwrap_or_default(),
        };
        Self {
            numeric,
            services,
            hosts: RefCell::default(),
        }
    }

    /// An endpoint as ipvsadm writes it; a port has a name only in a protocol.
    pub fn endpoint(&self, protocol: Option<Protocol>, family: Family, at: Endpoint) -> String {
        if self.numeric {
            return at.display(family).to_string();
        }
        let host = self.host(family, at.addr);
        let port = protocol
            .and_then(|protocol| port_name(&self.services, at.port, protocol))
            .map_or_else(|| at.port.to_string(), str::to_owned);
        match family {
            Family::Ipv4 => format!("{host}:{port}"),
            Family::Ipv6 => format!("[{host}]:{port}"),
        }
    }

    /// The endpoint of a server.
    pub fn server(&self, protocol: Option<Protocol>, key: &ServerKey) -> String {
        self.endpoint(protocol, key.family, key.endpoint)
    }

    fn host(&self, family: Family, addr: Addr) -> String {
        let ip = match family {
            Family::Ipv4 => IpAddr::from(addr.v4()),
            Family::Ipv6 => IpAddr::from(addr.bytes()),
        };
        let mut hosts = self.hosts.borrow_mut();
        let name = hosts
            .entry(ip)
            .or_insert_with(|| dns_lookup::lookup_addr(&ip).unwrap_or_else(|_| ip.to_string()));
        name.clone()
    }
}

/// The name of a port in a file like /etc/services: `http 80/tcp www # comment`.
fn port_name(services: &str, port: u16, protocol: Protocol) -> Option<&str> {
    let wanted = format!("{port}/{}", protocol.to_string().to_lowercase());
    services.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let name = words.next()?;
        (words.next()? == wanted).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        let services = "# ports\nhttp\t80/tcp\twww web # the web\ndomain 53/tcp\ndomain 53/udp\n";
        let name = |port, protocol| port_name(services, port, protocol);
        assert_eq!(name(80, Protocol::TCP), Some("http"));
        assert_eq!(name(53, Protocol::UDP), Some("domain"));
        assert_eq!(name(80, Protocol::UDP), None);
        assert_eq!(name(8, Protocol::TCP), None);
        assert_eq!(name(0, Protocol::TCP), None);
    }
}
