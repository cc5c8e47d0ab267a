// SPDX-License-Identifier: GPL-2.0

//! The lines of IPVS's files in `/proc/net`, byte for byte.

use crate::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    uapi::Method,
};
use core::fmt::{
    self,
    Display,
    Formatter,
    Write, //
};

/// The version that IPVS says it has: 1.2.1.
pub const VERSION: u32 = 0x01_02_01;

/// Two lines of titles above counters, the second with `first` at its head.
const COUNTERS: [&str; 2] = [
    "   Total Incoming Outgoing         Incoming         Outgoing\n",
    "   Conns  Packets  Packets            Bytes            Bytes\n",
];
const RATES: &str = " Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n";
/// The indent of `ip_vs_stats_percpu`.
const INDENT: &str = "    ";

/// An address as digits only.
struct Digits(Addr, Family);

impl Display for Digits {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.1 {
            Family::Ipv4 => write!(f, "{:08X}", u32::from_be_bytes(self.0.v4())),
            Family::Ipv6 => {
                let mut colon = "";
                for pair in self.0.bytes().chunks_exact(2) {
                    f.write_str(colon)?;
                    for byte in pair {
                        write!(f, "{byte:02x}")?;
                    }
                    colon = ":";
                }
                Ok(())
            }
        }
    }
}

/// An address and a port as they stand in `ip_vs`.
struct Bracketed(Endpoint, Family);

impl Display for Bracketed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(end, family) = *self;
        let digits = Digits(end.addr, family);
        match family {
            Family::Ipv4 => write!(f, "{digits}:{:04X}", end.port),
            Family::Ipv6 => write!(f, "[{digits}]:{:04X}", end.port),
        }
    }
}

/// An address and a port as they stand in `ip_vs_conn`.
struct Spaced(Endpoint, Family);

impl Display for Spaced {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:04X}", Digits(self.0.addr, self.1), self.0.port)
    }
}

/// The name of a protocol; padded where the line wants it.
struct ProtocolName(Protocol);

impl Display for ProtocolName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Protocol(0) => f.pad("IP"),
            Protocol::UDP => f.pad("UDP"),
            Protocol::TCP => f.pad("TCP"),
            Protocol::SCTP => f.pad("SCTP"),
            Protocol::ICMP => f.pad("ICMP"),
            Protocol::ICMPV6 => f.pad("ICMPv6"),
            Protocol(other) => write!(f, "IP_{other}"),
        }
    }
}

/// A service, for its line in `ip_vs`.
pub struct ServiceLine<'a> {
    /// Its family.
    pub family: Family,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its address and port.
    pub end: Endpoint,
    /// The firewall mark, if it is the key.
    pub mark: Option<u32>,
    /// The scheduler's name.
    pub scheduler: &'a str,
    /// Whether each packet is scheduled for itself.
    pub one_packet: bool,
    /// The timeout in jiffies, if the service is persistent.
    pub persistent: Option<u32>,
    /// The length of the part of a client's address that counts.
    pub prefix: u8,
}

impl ServiceLine<'_> {
    /// IPVS behaviour: an IPv4 mask as it is, but the length of an IPv6 prefix in the order of the host.
    fn mask(&self) -> u32 {
        match self.family {
            Family::Ipv4 => u32::MAX
                .checked_shl(32u32.saturating_sub(u32::from(self.prefix)))
                .unwrap_or(0),
            Family::Ipv6 => u32::from(self.prefix).swap_bytes(),
        }
    }

    /// Writes the line.
    pub fn write(&self, to: &mut impl Write) -> fmt::Result {
        let ops = if self.one_packet { "ops " } else { "" };
        let end = Bracketed(self.end, self.family);
        let name = ProtocolName(self.protocol);
        let scheduler = self.scheduler;
        match (self.mark, self.family) {
            (Some(mark), _) => write!(to, "FWM  {mark:08X} {scheduler} {ops}")?,
            (None, Family::Ipv4) => write!(to, "{name}  {end} {scheduler} {ops} ")?,
            (None, Family::Ipv6) => write!(to, "{name}  {end} {scheduler} ")?,
        }
        match self.persistent {
            Some(jiffies) => writeln!(to, "persistent {jiffies} {:08X}", self.mask()),
            None => to.write_str("\n"),
        }
    }
}

/// The lines above the services; `size` is the number of buckets for connections.
pub fn titles(to: &mut impl Write, size: u32) -> fmt::Result {
    let [_, major, minor, patch] = VERSION.to_be_bytes();
    writeln!(
        to,
        "IP Virtual Server version {major}.{minor}.{patch} (size={size})"
    )?;
    to.write_str("Prot LocalAddress:Port Scheduler Flags\n")?;
    to.write_str("  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n")
}

/// A server, for its line in `ip_vs`.
pub struct ServerLine {
    /// Its family.
    pub family: Family,
    /// Its address and port.
    pub end: Endpoint,
    /// How packets reach it.
    pub method: Method,
    /// Its weight.
    pub weight: u32,
    /// Active connections.
    pub active: u32,
    /// Inactive connections.
    pub inactive: u32,
}

impl ServerLine {
    /// Writes the line.
    pub fn write(&self, to: &mut impl Write) -> fmt::Result {
        let method = match self.method {
            Method::Local => "Local",
            Method::Tunnel => "Tunnel",
            Method::Direct => "Route",
            _ => "Masq",
        };
        writeln!(
            to,
            "  -> {}      {method:<7} {:<6} {:<10} {:<10}",
            Bracketed(self.end, self.family),
            self.weight,
            self.active,
            self.inactive,
        )
    }
}

/// The title of `ip_vs_conn`.
pub const CONN_TITLE: &str =
    "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n";

/// The title of `ip_vs_conn_sync`.
pub const CONN_SYNC_TITLE: &str =
    "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n";

/// A connection or a template, for its line in `ip_vs_conn` and `ip_vs_conn_sync`.
pub struct ConnLine {
    /// Its family.
    pub family: Family,
    /// Its protocol.
    pub protocol: Protocol,
    /// The client's end.
    pub client: Endpoint,
    /// The end that the client sees.
    pub virtual_end: Endpoint,
    /// The server's family.
    pub server_family: Family,
    /// The server's end.
    pub server: Endpoint,
    /// The state's name.
    pub state: &'static str,
    /// Seconds.
    pub expires: u32,
}

impl ConnLine {
    /// Writes the line; with `origin` as in `ip_vs_conn_sync`.
    pub fn write(&self, to: &mut impl Write, origin: Option<&str>) -> fmt::Result {
        write!(
            to,
            "{:<3} {} {} {} {:<11} ",
            ProtocolName(self.protocol),
            Spaced(self.client, self.family),
            Spaced(self.virtual_end, self.family),
            Spaced(self.server, self.server_family),
            self.state,
        )?;
        if let Some(origin) = origin {
            write!(to, "{origin:<6} ")?;
        }
        writeln!(to, "{:>7}", self.expires)
    }
}

/// Connections, packets in and out, bytes in and out.
pub type Counters = [u64; 5];

fn counters(to: &mut impl Write, [conns, inp, outp, inb, outb]: Counters) -> fmt::Result {
    writeln!(
        to,
        "{conns:>8X} {inp:>8X} {outp:>8X} {inb:>16X} {outb:>16X}"
    )
}

/// Writes `ip_vs_stats`.
pub fn stats(to: &mut impl Write, totals: Counters, rates: Counters) -> fmt::Result {
    for line in COUNTERS {
        to.write_str(line)?;
    }
    counters(to, totals)?;
    to.write_str("\n")?;
    to.write_str(RATES)?;
    counters(to, rates)
}

/// Writes `ip_vs_stats_percpu`; `cpus` calls its argument with the number of each CPU and what that has
/// counted.
pub fn stats_per_cpu<W: Write>(
    to: &mut W,
    totals: Counters,
    rates: Counters,
    cpus: impl FnOnce(&mut dyn FnMut(u32, Counters) -> fmt::Result) -> fmt::Result,
) -> fmt::Result {
    let [first, second] = COUNTERS;
    write!(to, "{INDENT}{first}")?;
    write!(to, "CPU {}", second)?;
    cpus(&mut |cpu, counted| {
        write!(to, "{cpu:>3X} ")?;
        counters(to, counted)
    })?;
    to.write_str("  ~ ")?;
    counters(to, totals)?;
    write!(to, "\n{INDENT}{RATES}")?;
    to.write_str(INDENT)?;
    counters(to, rates)
}

/// The title of `ip_vs_app`.
pub const APP_TITLE: &str = "prot port    usecnt name\n";

/// A hash table, for `ip_vs_status`.
#[derive(Clone, Copy, Default)]
pub struct TableLines {
    /// Entries that count.
    pub entries: u32,
    /// Its size as a power of two.
    pub bits: u32,
    /// Buckets by the number of their nodes; the last is for any larger number.
    pub lengths: [u32; 8],
}

impl TableLines {
    fn write(&self, to: &mut impl Write, what: &str, factor: i32) -> fmt::Result {
        let bits = self.bits;
        let size = if bits == 0 {
            0
        } else {
            1u32.checked_shl(bits).unwrap_or(0)
        };
        writeln!(to, "{what}s:\t{}", self.entries)?;
        writeln!(
            to,
            "{what} buckets:\t{size} ({bits} bits, lfactor {factor})"
        )?;
        if self.entries == 0 {
            return Ok(());
        }
        let sum = self.lengths.iter().fold(0u32, |a, b| a.saturating_add(*b));
        let [empty, used @ ..] = self.lengths;
        let percent = |n: u32, of: u32| {
            u64::from(n)
                .saturating_mul(100)
                .checked_div(u64::from(of.max(1)))
                .unwrap_or(0)
        };
        writeln!(
            to,
            "{what} buckets empty:\t{empty} ({}%)",
            percent(empty, sum)
        )?;
        for (len, count) in [1u32, 2, 3, 4, 5, 6, 7]
            .into_iter()
            .zip(used)
            .filter(|(_, count): &(u32, u32)| *count != 0)
        {
            let part = percent(count, sum.saturating_sub(empty));
            writeln!(to, "{what} buckets len-{len}:\t{count} ({part}%)")?;
        }
        Ok(())
    }
}

/// Writes `ip_vs_status`. The threads that IPVS estimates with do not exist.
pub fn status(
    to: &mut impl Write,
    conns: &TableLines,
    services: &TableLines,
    factors: [i32; 2],
) -> fmt::Result {
    let [conn_factor, service_factor] = factors;
    conns.write(to, "Conn", conn_factor)?;
    services.write(to, "Service", service_factor)?;
    to.write_str("Stats thread slots:\t0 (max 0)\nStats chain max len:\t0\nStats thread ests:\t0\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn line(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
        let mut text = String::new();
        write(&mut text).unwrap();
        text
    }

    fn v4(text: &str, port: u16) -> Endpoint {
        let addr: std::net::Ipv4Addr = text.parse().unwrap();
        Endpoint::new(Addr::from_v4(addr.octets()), port)
    }

    fn v6(text: &str, port: u16) -> Endpoint {
        let addr: std::net::Ipv6Addr = text.parse().unwrap();
        Endpoint::new(Addr::from_v6(addr.octets()), port)
    }

    fn service() -> ServiceLine<'static> {
        ServiceLine {
            family: Family::Ipv4,
            protocol: Protocol::TCP,
            end: v4("10.0.0.100", 80),
            mark: None,
            scheduler: "rr",
            one_packet: false,
            persistent: None,
            prefix: 32,
        }
    }

    /// IPVS behaviour: seen in `/proc/net/ip_vs`.
    #[test]
    fn lines_of_services() {
        let plain = service();
        assert_eq!(line(|to| plain.write(to)), "TCP  0A000064:0050 rr  \n");
        let kept = ServiceLine {
            persistent: Some(15000),
            prefix: 24,
            ..service()
        };
        assert_eq!(
            line(|to| kept.write(to)),
            "TCP  0A000064:0050 rr  persistent 15000 FFFFFF00\n"
        );
        let one = ServiceLine {
            protocol: Protocol::UDP,
            one_packet: true,
            ..service()
        };
        assert_eq!(line(|to| one.write(to)), "UDP  0A000064:0050 rr ops  \n");
        let marked = ServiceLine {
            mark: Some(1),
            ..service()
        };
        assert_eq!(line(|to| marked.write(to)), "FWM  00000001 rr \n");
        let six = ServiceLine {
            family: Family::Ipv6,
            end: v6("2001:db8:a::100", 443),
            persistent: Some(1250),
            prefix: 64,
            ..service()
        };
        assert_eq!(
            line(|to| six.write(to)),
            "TCP  [2001:0db8:000a:0000:0000:0000:0000:0100]:01BB rr persistent 1250 40000000\n"
        );
        assert_eq!(
            ServiceLine {
                prefix: 0,
                ..service()
            }
            .mask(),
            0
        );
    }

    #[test]
    fn lines_of_servers() {
        let server = ServerLine {
            family: Family::Ipv4,
            end: v4("192.168.0.12", 80),
            method: Method::Direct,
            weight: 2,
            active: 0,
            inactive: 11,
        };
        assert_eq!(
            line(|to| server.write(to)),
            "  -> C0A8000C:0050      Route   2      0          11        \n"
        );
    }

    #[test]
    fn lines_of_connections() {
        let conn = ConnLine {
            family: Family::Ipv4,
            protocol: Protocol::TCP,
            client: v4("10.0.0.2", 0x8000),
            virtual_end: v4("10.0.0.100", 80),
            server_family: Family::Ipv4,
            server: v4("192.168.0.11", 80),
            state: "ESTABLISHED",
            expires: 899,
        };
        assert_eq!(
            line(|to| conn.write(to, None)),
            "TCP 0A000002 8000 0A000064 0050 C0A8000B 0050 ESTABLISHED     899\n"
        );
        assert_eq!(
            line(|to| conn.write(to, Some("LOCAL"))),
            "TCP 0A000002 8000 0A000064 0050 C0A8000B 0050 ESTABLISHED LOCAL      899\n"
        );
    }

    #[test]
    fn counters_in_columns() {
        assert_eq!(
            line(|to| stats(to, [1, 2, 3, 0xABC, 5], [0; 5])),
            "   Total Incoming Outgoing         Incoming         Outgoing\n   \
             Conns  Packets  Packets            Bytes            Bytes\n       \
             1        2        3              ABC                5\n\n \
             Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n       \
             0        0        0                0                0\n"
        );
        let text = line(|to| {
            stats_per_cpu(to, [7; 5], [0; 5], |each| {
                each(0, [3; 5])?;
                each(1, [4; 5])
            })
        });
        let lines: std::vec::Vec<_> = text.lines().collect();
        assert_eq!(
            lines[1],
            "CPU    Conns  Packets  Packets            Bytes            Bytes"
        );
        assert_eq!(
            lines[2],
            "  0        3        3        3                3                3"
        );
        assert_eq!(
            lines[4],
            "  ~        7        7        7                7                7"
        );
        assert_eq!(
            lines[6],
            "     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s"
        );
    }

    #[test]
    fn status_of_tables() {
        let conns = TableLines {
            entries: 3,
            bits: 3,
            lengths: [5, 1, 2, 0, 0, 0, 0, 0],
        };
        assert_eq!(
            line(|to| status(to, &conns, &TableLines::default(), [-4, -3])),
            "Conns:\t3\nConn buckets:\t8 (3 bits, lfactor -4)\nConn buckets empty:\t5 (62%)\n\
             Conn buckets len-1:\t1 (33%)\nConn buckets len-2:\t2 (66%)\nServices:\t0\n\
             Service buckets:\t0 (0 bits, lfactor -3)\nStats thread slots:\t0 (max 0)\n\
             Stats chain max len:\t0\nStats thread ests:\t0\n"
        );
    }
}
