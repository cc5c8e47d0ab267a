// SPDX-License-Identifier: GPL-2.0

//! Services and servers as attributes of the netlink family `IPVS`.
//!
//! IPVS behaviour: nests are not marked as such, and an address has 16 bytes in either family.

use rvs::{
    api::{
        ServerShown,
        ServiceShown, //
    },
    logic::{
        addr::Addr,
        ipvs::{
            files::Counters,
            spec::Key,
            uapi::{
                dest,
                service,
                stats,
                top, //
            }, //
        },
        nla::{
            Full,
            Writer, //
        },
        num, //
    }, //
};

fn address(to: &mut Writer<'_>, kind: u16, addr: &Addr) -> Result<(), Full> {
    to.put(kind, &addr.bytes())
}

/// The low half of each counter, but all of the bytes.
fn stats32(to: &mut Writer<'_>, kind: u16, totals: Counters, rates: Counters) -> Result<(), Full> {
    let nest = to.nest_start_plain(kind)?;
    for (kind, value) in stats::TOTALS
        .into_iter()
        .zip(totals)
        .chain(stats::RATES.into_iter().zip(rates))
    {
        match kind {
            stats::INBYTES | stats::OUTBYTES => to.put_u64(kind, value)?,
            _ => to.put_u32(kind, num::low32(value))?,
        }
    }
    to.nest_end(nest)
}

fn stats64(to: &mut Writer<'_>, kind: u16, totals: Counters, rates: Counters) -> Result<(), Full> {
    let nest = to.nest_start_plain(kind)?;
    for (kind, value) in stats::TOTALS
        .into_iter()
        .zip(totals)
        .chain(stats::RATES.into_iter().zip(rates))
    {
        to.put_u64(kind, value)?;
    }
    to.nest_end(nest)
}

/// Writes a service.
pub(crate) fn service(to: &mut Writer<'_>, shown: &ServiceShown) -> Result<(), Full> {
    let nest = to.nest_start_plain(top::SERVICE)?;
    let family = shown.key.family();
    to.put_u16(service::AF, family.af())?;
    match shown.key {
        Key::Mark(_, mark) => to.put_u32(service::FWMARK, mark)?,
        Key::Address(_, protocol, end) => {
            to.put_u16(service::PROTOCOL, protocol)?;
            address(to, service::ADDR, &end.addr)?;
            to.put_u16_be(service::PORT, end.port)?;
        }
    }
    let name = &shown.scheduler;
    let len = name.iter().take_while(|byte| **byte != 0).count();
    to.put(
        service::SCHED_NAME,
        name.get(..len.saturating_add(1)).unwrap_or(name),
    )?;
    let [f0, f1, f2, f3] = shown.settings.flags().to_ne_bytes();
    to.put(service::FLAGS, &[f0, f1, f2, f3, 255, 255, 255, 255])?;
    to.put_u32(service::TIMEOUT, shown.settings.persist_timeout)?;
    to.put(service::NETMASK, &shown.settings.netmask(family))?;
    stats32(to, service::STATS, shown.totals, shown.rates)?;
    stats64(to, service::STATS64, shown.totals, shown.rates)?;
    to.nest_end(nest)
}

/// Writes a server.
pub(crate) fn server(to: &mut Writer<'_>, shown: &ServerShown) -> Result<(), Full> {
    let nest = to.nest_start_plain(top::DEST)?;
    let spec = &shown.settings;
    address(to, dest::ADDR, &spec.endpoint.addr)?;
    to.put_u16_be(dest::PORT, spec.endpoint.port)?;
    let numbers = [
        (dest::FWD_METHOD, u32::from(spec.method.value())),
        (dest::WEIGHT, spec.weight),
        (dest::U_THRESH, spec.upper),
        (dest::L_THRESH, spec.lower),
        (dest::ACTIVE_CONNS, shown.active),
        (dest::INACT_CONNS, shown.inactive),
        (dest::PERSIST_CONNS, shown.clients),
    ];
    for (kind, number) in numbers {
        to.put_u32(kind, number)?;
    }
    to.put_u16(dest::ADDR_FAMILY, spec.family.af())?;
    to.put_u8(dest::TUN_TYPE, spec.tun_type.value())?;
    to.put_u16_be(dest::TUN_PORT, spec.tun_port)?;
    to.put_u16(dest::TUN_FLAGS, u16::from(spec.tun_flags))?;
    stats32(to, dest::STATS, shown.totals, shown.rates)?;
    stats64(to, dest::STATS64, shown.totals, shown.rates)?;
    to.nest_end(nest)
}
