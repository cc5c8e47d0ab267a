// SPDX-License-Identifier: GPL-2.0

//! Connections in the layout of `ipvsadm -Lc`.

use super::{
    minutes,
    state_name, //
};
use crate::reply::Conn;
use std::io::{
    self,
    Write, //
};

/// Prints connections.
pub fn list(out: &mut impl Write, conns: &[Conn]) -> io::Result<()> {
    writeln!(out, "IPVS connection entries")?;
    writeln!(
        out,
        "pro expire {:<11} {:<18} {:<18} destination",
        "state", "source", "virtual"
    )?;
    conns.iter().try_for_each(|conn| line(out, conn))
}

fn line(out: &mut impl Write, conn: &Conn) -> io::Result<()> {
    let text =
        |endpoint: rvs_logic::logic::addr::Endpoint| endpoint.display(conn.family).to_string();
    writeln!(
        out,
        "{:<3} {:<6} {:<11} {:<18} {:<18} {}",
        conn.protocol.to_string(),
        minutes(conn.expires),
        state_name(conn.state),
        text(conn.client),
        text(conn.service),
        text(conn.server),
    )
}
