// SPDX-License-Identifier: GPL-2.0

//! A filter for connections, from attributes to values.

use super::request::{
    Nest,
    ServiceRequest, //
};
use crate::{
    logic::{
        addr::{
            Family,
            Protocol, //
        },
        filter::{
            addr_bits,
            EndFilter,
            Filter,
            Prefix, //
        },
        nla::Attr,
        uapi::{
            self,
            ConnState,
            Method, //
        }, //
    },
    service::ServiceKey,
    sys::genl::Message, //
};
use kernel::prelude::*;

/// Everything that a filter can say.
const ALL: [u16; 17] = [
    uapi::filter::FAMILY,
    uapi::filter::PROTOCOL,
    uapi::filter::CLIENT_ADDR,
    uapi::filter::CLIENT_PREFIX,
    uapi::filter::CLIENT_PORT,
    uapi::filter::VIRTUAL_ADDR,
    uapi::filter::VIRTUAL_PREFIX,
    uapi::filter::VIRTUAL_PORT,
    uapi::filter::DEST_FAMILY,
    uapi::filter::DEST_ADDR,
    uapi::filter::DEST_PREFIX,
    uapi::filter::DEST_PORT,
    uapi::filter::STATE,
    uapi::filter::FWMARK,
    uapi::filter::METHOD,
    uapi::filter::SERVICE,
    uapi::filter::TEMPLATE,
];

/// The filter of a message, all of whose attributes must be in `allowed`; one that takes everything if there is
/// none.
pub(super) fn read(message: Message<'_>, allowed: &[u16]) -> Result<Filter<ServiceKey>> {
    for attr in message.attrs() {
        let attr = attr.map_err(|_| message.refuse(EINVAL, None, fmt!("malformed attributes")))?;
        if !allowed.contains(&attr.kind) {
            return Err(message.refuse(
                EINVAL,
                Some(&attr),
                fmt!("this request does not take this attribute"),
            ));
        }
    }
    match message.attrs().find(uapi::rvs::FILTER) {
        Some(attr) => parse(&Nest::of(message, attr, "filter", &ALL)?),
        None => Ok(Filter::default()),
    }
}

fn parse(nest: &Nest<'_>) -> Result<Filter<ServiceKey>> {
    let family = family_in(nest, uapi::filter::FAMILY)?;
    let dest_family = family_in(nest, uapi::filter::DEST_FAMILY)?;
    let client = [
        uapi::filter::CLIENT_ADDR,
        uapi::filter::CLIENT_PREFIX,
        uapi::filter::CLIENT_PORT,
    ];
    let virtual_end = [
        uapi::filter::VIRTUAL_ADDR,
        uapi::filter::VIRTUAL_PREFIX,
        uapi::filter::VIRTUAL_PORT,
    ];
    let dest = [
        uapi::filter::DEST_ADDR,
        uapi::filter::DEST_PREFIX,
        uapi::filter::DEST_PORT,
    ];
    let number = |kind| nest.find(kind).and_then(|attr| attr.u8());
    Ok(Filter {
        family,
        protocol: number(uapi::filter::PROTOCOL).map(Protocol),
        client: end(nest, client, family)?,
        virtual_end: end(nest, virtual_end, family)?,
        dest_family,
        dest: end(nest, dest, dest_family.or(family))?,
        mark: nest.u32(uapi::filter::FWMARK),
        // The policy has checked their ranges.
        method: number(uapi::filter::METHOD).and_then(Method::from_u8),
        state: number(uapi::filter::STATE).and_then(ConnState::from_u8),
        template: number(uapi::filter::TEMPLATE).map(|number| number != 0),
        service: service(nest)?,
    })
}

fn family_in(nest: &Nest<'_>, kind: u16) -> Result<Option<Family>> {
    nest.find(kind).map(|attr| nest.family(&attr)).transpose()
}

fn service(nest: &Nest<'_>) -> Result<Option<ServiceKey>> {
    let Some(attr) = nest.find(uapi::filter::SERVICE) else {
        return Ok(None);
    };
    Ok(Some(ServiceRequest::nested(nest.message, attr)?.key))
}

/// One end, given by the attributes of address, prefix and port.
fn end<'a>(
    nest: &Nest<'a>,
    [addr, prefix, port]: [u16; 3],
    family: Option<Family>,
) -> Result<EndFilter> {
    let len = nest.find(prefix);
    let prefix = match nest.find(addr) {
        Some(attr) => Some(begins(nest, &attr, len, family)?),
        None if len.is_some() => {
            let attr = len.as_ref().unwrap_or(&nest.attr);
            return Err(nest.refuse(EINVAL, attr, fmt!("a prefix needs an address")));
        }
        None => None,
    };
    let port = nest.find(port);
    Ok(EndFilter {
        prefix,
        port: port.and_then(|attr| attr.u16_be()),
    })
}

/// The first bits of an address.
fn begins<'a>(
    nest: &Nest<'a>,
    attr: &Attr<'a>,
    len: Option<Attr<'a>>,
    family: Option<Family>,
) -> Result<Prefix> {
    let Some(family) = family else {
        return Err(nest.refuse(
            EINVAL,
            attr,
            fmt!("an address needs its family: 2 (IPv4) or 10 (IPv6)"),
        ));
    };
    let addr = nest.addr_in(attr, family)?;
    let most = addr_bits(family);
    let bits = len.as_ref().and_then(|len| len.u8()).unwrap_or(most);
    Prefix::new(family, addr, bits).ok_or_else(|| {
        nest.refuse(
            EINVAL,
            len.as_ref().unwrap_or(attr),
            fmt!("a prefix of {bits} bits: the family's addresses have {most}"),
        )
    })
}
