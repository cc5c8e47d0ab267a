// SPDX-License-Identifier: GPL-2.0

//! Connections in the layout of `ipvsadm -Lc`.

use super::{
    list::protocol_name,
    minutes,
    names::Names,
    state_name, //
};
use crate::reply::Conn;
use rvs_logic::logic::addr::{
    Addr,
    Endpoint,
    Family, //
};
use std::io::{
    self,
    Write, //
};

/// Prints connections.
pub fn list(out: &mut impl Write, conns: &[Conn], names: &Names, engines: bool) -> io::Result<()> {
    writeln!(out, "IPVS connection entries")?;
    let [state, source, service] = ["state", "source", "virtual"];
    write!(out, "pro expire {state:<11} {source:<18} {service:<18} ")?;
    let server = "destination";
    if engines {
        writeln!(out, "{server:<18} {:<16} pe_data", "pe name")?;
    } else {
        writeln!(out, "{server}")?;
    }
    conns.iter().try_for_each(|conn| line(out, conn, names))
}

fn line(out: &mut impl Write, conn: &Conn, names: &Names) -> io::Result<()> {
    let name = |family, endpoint| names.endpoint(Some(conn.protocol), family, endpoint);
    writeln!(
        out,
        "{:<3} {:<6} {:<11} {:<18} {:<18} {}",
        protocol_name(conn.protocol),
        minutes(conn.expires),
        state_name(conn.state),
        name(conn.family, conn.client),
        name(conn.family, service(conn)),
        name(conn.server.family, conn.server.endpoint),
    )
}

/// The service; that of a template for a firewall mark has the mark as its address.
fn service(conn: &Conn) -> Endpoint {
    match conn.mark.filter(|_| conn.template) {
        Some(mark) => Endpoint::new(mark_addr(conn.family, mark), 0),
        None => conn.service,
    }
}

/// The mark as the first 32 bits of an address, as IPVS shows it.
fn mark_addr(family: Family, mark: u32) -> Addr {
    let [a, b, c, d] = mark.to_be_bytes();
    match family {
        Family::Ipv4 => Addr::from_v4([a, b, c, d]),
        Family::Ipv6 => Addr::from_v6([a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    }
}
