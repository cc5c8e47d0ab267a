// SPDX-License-Identifier: GPL-2.0

//! Questions to rtnetlink: the devices, addresses and routes of the network namespace.

use super::{
    message::{
        self,
        frame,
        Messages, //
    },
    socket::Socket,
    Transport, //
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Family, //
    },
    nla::{
        Attrs,
        Writer, //
    },
};
use std::io;

const RTM_GETLINK: u16 = 18;
const RTM_GETADDR: u16 = 22;
const RTM_GETROUTE: u16 = 26;

const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_LINKINFO: u16 = 18;
const IFLA_INFO_KIND: u16 = 1;
const IFF_UP: u32 = 1;
const IFF_LOOPBACK: u32 = 8;
const IFF_NOARP: u32 = 0x80;
/// Devices that put packets into others.
const TUNNELS: &[&str] = &["ipip", "sit", "gre", "ip6tnl", "ip6gre"];

const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;

const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
/// The type of a route to the host itself.
const RTN_LOCAL: u8 = 2;
const RTN_UNICAST: u8 = 1;
const RT_TABLE_MAIN: u8 = 254;

/// Headers of rtnetlink messages.
const LINK_HEADER: usize = 16;
const ADDR_HEADER: usize = 8;
const ROUTE_HEADER: usize = 12;

const BUFFER_LEN: usize = 64 * 1024;

/// A device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its index.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Whether it is up.
    pub up: bool,
    /// Whether nothing that is sent through it leaves the host: lo and dummy devices.
    pub inner: bool,
    /// Whether it is a tunnel.
    pub tunnel: bool,
    /// Whether it asks for neighbours, and answers.
    pub arp: bool,
    /// Its MTU.
    pub mtu: u32,
}

/// An address of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Index of its device.
    pub device: u32,
    /// Its family.
    pub family: Family,
    /// The address.
    pub addr: Addr,
    /// How many of its bits are the network's.
    pub prefix: u8,
}

/// The way to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Whether the host itself has the address.
    pub local: bool,
    /// Index of the device.
    pub device: u32,
    /// The next hop, if the address is not on the device's own network.
    pub via: Option<Addr>,
}

/// The name of a device, or its number if it has none.
pub fn device(index: u32) -> String {
    let links = Routes::open().and_then(|mut routes| routes.links());
    let links = links.unwrap_or_default();
    let known = links.into_iter().find(|link| link.index == index);
    known.map_or_else(|| format!("device {index}"), |link| link.name)
}

/// A connection to rtnetlink.
pub struct Routes(Questions);

/// A connection over which questions are asked whose answers are messages.
pub(super) struct Questions {
    socket: Socket,
    sequence: u32,
}

impl Routes {
    /// Opens one.
    pub fn open() -> io::Result<Self> {
        Socket::routes().map(Questions::over).map(Self)
    }

    /// All devices.
    pub fn links(&mut self) -> io::Result<Vec<Link>> {
        let messages = self
            .0
            .ask(RTM_GETLINK, message::F_DUMP, &[0; LINK_HEADER])?;
        Ok(messages.iter().filter_map(|bytes| link(bytes)).collect())
    }

    /// All addresses.
    pub fn addresses(&mut self) -> io::Result<Vec<Held>> {
        let messages = self
            .0
            .ask(RTM_GETADDR, message::F_DUMP, &[0; ADDR_HEADER])?;
        Ok(messages.iter().filter_map(|bytes| held(bytes)).collect())
    }

    /// The way to an address, if there is one.
    pub fn route(&mut self, family: Family, addr: Addr) -> io::Result<Option<Route>> {
        let bytes = addr.bytes();
        let bytes = bytes.get(..family.addr_len()).unwrap_or(&bytes);
        let mut attrs = [0; 32];
        let mut to = Writer::new(&mut attrs);
        to.put(RTA_DST, bytes)
            .map_err(|_full| io::ErrorKind::InvalidInput)?;
        let mut payload = vec![0; ROUTE_HEADER];
        let af = u8::try_from(family.af()).unwrap_or_default();
        let bits = u8::try_from(bytes.len().saturating_mul(8)).unwrap_or_default();
        for (to, from) in payload.iter_mut().zip([af, bits]) {
            *to = from;
        }
        payload.extend_from_slice(to.written());
        let messages = self.0.ask(RTM_GETROUTE, 0, &payload)?;
        Ok(messages.iter().find_map(|bytes| route(family, bytes)))
    }

    /// The devices of default routes, in the order of the kernel.
    pub fn uplinks(&mut self, family: Family) -> io::Result<Vec<u32>> {
        let mut payload = [0; ROUTE_HEADER];
        if let Some(first) = payload.first_mut() {
            *first = u8::try_from(family.af()).unwrap_or_default();
        }
        let messages = self.0.ask(RTM_GETROUTE, message::F_DUMP, &payload)?;
        Ok(messages.iter().filter_map(|bytes| uplink(bytes)).collect())
    }
}

impl Questions {
    /// Asks over `socket`.
    pub(super) fn over(socket: Socket) -> Self {
        Self {
            socket,
            sequence: 0,
        }
    }

    /// Sends a question; an answer that is a refusal is none.
    pub(super) fn ask(
        &mut self,
        kind: u16,
        flags: u16,
        payload: &[u8],
    ) -> io::Result<Vec<Vec<u8>>> {
        self.sequence = self.sequence.wrapping_add(1);
        let flags = flags | message::F_REQUEST;
        let sent = frame(kind, flags, self.sequence, payload)
            .map_err(|_too_long| io::ErrorKind::InvalidInput)?;
        self.socket.send(&sent)?;
        let mut buffer = vec![0; BUFFER_LEN];
        let mut all = Vec::new();
        loop {
            let length = self.socket.receive(&mut buffer)?;
            let datagram = buffer.get(..length).ok_or(io::ErrorKind::InvalidData)?;
            for message in Messages::new(datagram) {
                let message = message.ok_or(io::ErrorKind::InvalidData)?;
                if message.sequence != self.sequence {
                    continue;
                }
                if matches!(message.kind, message::ERROR | message::DONE) {
                    return Ok(all);
                }
                all.push(message.payload.to_vec());
                if flags & message::F_DUMP == 0 {
                    return Ok(all);
                }
            }
        }
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..)?.first_chunk().copied();
    field.map(u32::from_ne_bytes)
}

fn link(bytes: &[u8]) -> Option<Link> {
    let flags = number(bytes, 8)?;
    let attrs = Attrs::new(bytes.get(LINK_HEADER..)?);
    let info = attrs.find(IFLA_LINKINFO);
    let kind = info.and_then(|info| info.attrs().find(IFLA_INFO_KIND));
    let kind = kind.as_ref().and_then(|kind| kind.str());
    let dummy = kind == Some("dummy");
    Some(Link {
        index: number(bytes, 4)?,
        name: attrs.find(IFLA_IFNAME)?.str()?.to_owned(),
        up: flags & IFF_UP != 0,
        inner: dummy || flags & IFF_LOOPBACK != 0,
        tunnel: kind.is_some_and(|kind| TUNNELS.contains(&kind)),
        arp: flags & IFF_NOARP == 0,
        mtu: attrs.find(IFLA_MTU)?.u32()?,
    })
}

fn held(bytes: &[u8]) -> Option<Held> {
    let family = Family::from_af(u16::from(*bytes.first()?))?;
    let attrs = Attrs::new(bytes.get(ADDR_HEADER..)?);
    let addr = attrs.find(IFA_LOCAL).or_else(|| attrs.find(IFA_ADDRESS))?;
    Some(Held {
        device: number(bytes, 4)?,
        family,
        addr: Addr::from_slice(family, addr.payload)?,
        prefix: *bytes.get(1)?,
    })
}

/// The device of a default route of the main table.
fn uplink(bytes: &[u8]) -> Option<u32> {
    let attrs = Attrs::new(bytes.get(ROUTE_HEADER..)?);
    let everything = *bytes.get(1)? == 0;
    let main = *bytes.get(4)? == RT_TABLE_MAIN && *bytes.get(7)? == RTN_UNICAST;
    attrs
        .find(RTA_OIF)?
        .u32()
        .filter(|_device| everything && main)
}

fn route(family: Family, bytes: &[u8]) -> Option<Route> {
    let kind = *bytes.get(7)?;
    let attrs = Attrs::new(bytes.get(ROUTE_HEADER..)?);
    let via = attrs.find(RTA_GATEWAY);
    (kind == RTN_LOCAL || kind == RTN_UNICAST).then_some(Route {
        local: kind == RTN_LOCAL,
        device: attrs.find(RTA_OIF)?.u32()?,
        via: via.and_then(|via| Addr::from_slice(family, via.payload)),
    })
}
