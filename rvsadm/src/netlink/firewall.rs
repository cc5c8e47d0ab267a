// SPDX-License-Identifier: GPL-2.0

//! Questions to nf_tables: what the firewall of the network namespace translates.

use super::{
    message,
    route::Questions,
    socket::Socket, //
};
use rvs_logic::logic::nla::Attrs;
use std::{
    fs,
    io, //
};

/// The listing of chains, of the subsystem nf_tables.
const GET_CHAIN: u16 = (10 << 8) | 4;
/// The header of a message: family, version, resource.
const HEADER_LEN: usize = 4;

const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_USE: u16 = 6;
const CHAIN_TYPE: u16 = 7;
const HOOK_NUMBER: u16 = 1;
const POST_ROUTING: u32 = 4;

/// The chains that translate sources and have rules: `table/chain`.
pub fn source_nat() -> io::Result<Vec<String>> {
    // Asking would load it.
    let modules = fs::read_to_string("/proc/modules")?;
    if !modules.lines().any(|line| line.starts_with("nf_tables ")) {
        return Ok(Vec::new());
    }
    let mut questions = Questions::over(Socket::firewall()?);
    let messages = questions.ask(GET_CHAIN, message::F_DUMP, &[0; HEADER_LEN])?;
    Ok(messages.iter().filter_map(|bytes| chain(bytes)).collect())
}

fn chain(bytes: &[u8]) -> Option<String> {
    let attrs = Attrs::new(bytes.get(HEADER_LEN..)?);
    let hook = attrs.find(CHAIN_HOOK)?.attrs();
    let sees_sources = hook.find(HOOK_NUMBER)?.u32_be()? == POST_ROUTING;
    let translates = attrs.find(CHAIN_TYPE)?.str()? == "nat";
    let rules = attrs.find(CHAIN_USE)?.u32_be()?;
    let name = |kind| attrs.find(kind)?.str();
    let name = format!("{}/{}", name(CHAIN_TABLE)?, name(CHAIN_NAME)?);
    (translates && sees_sources && rules != 0).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rvs_logic::logic::nla::Writer;

    fn message(kind: &str, hook: u32, rules: u32) -> Vec<u8> {
        let mut buffer = [0; 256];
        let mut to = Writer::new(&mut buffer);
        to.put_str(CHAIN_TABLE, "nat").expect("room");
        to.put_str(CHAIN_NAME, "POSTROUTING").expect("room");
        let nest = to.nest_start(CHAIN_HOOK).expect("room");
        to.put_u32_be(HOOK_NUMBER, hook).expect("room");
        to.nest_end(nest).expect("room");
        to.put_u32_be(CHAIN_USE, rules).expect("room");
        to.put_str(CHAIN_TYPE, kind).expect("room");
        [&[0; HEADER_LEN], to.written()].concat()
    }

    #[test]
    fn chains() {
        let name = |kind, hook, rules| chain(&message(kind, hook, rules));
        assert_eq!(
            name("nat", POST_ROUTING, 1).as_deref(),
            Some("nat/POSTROUTING")
        );
        assert_eq!(name("nat", POST_ROUTING, 0), None);
        assert_eq!(name("nat", 0, 1), None);
        assert_eq!(name("filter", POST_ROUTING, 1), None);
        assert_eq!(chain(&[]), None);
    }
}
