// SPDX-License-Identifier: GPL-2.0

//! Inputs for the fuzzers of `selftests/fuzz_*.sh`, which run in the guest.
//!
//! ```text
//! fuzzgen netlink SEED COUNT     requests that follow the specification, with hostile values
//! fuzzgen bytes SEED COUNT       requests that do not
//! fuzzgen packets SEED COUNT     packets of all protocols, mutated; see packets.rs
//! ```
//!
//! Each input is written to standard output behind its length (32 bits, little-endian). A request is
//! the netlink flags (16 bits, little-endian), the command (8 bits) and the attributes; a packet is the
//! side from which it comes (8 bits: 0 client, 1 server) and the bytes from the IP header on. The
//! same seed gives the same inputs.

mod netlink;
mod packets;
mod random;

use random::Random;
use std::{
    env,
    io::{
        self,
        BufWriter,
        Write, //
    },
    process::ExitCode, //
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [kind, seed, count] = arguments.as_slice() else {
        eprintln!("usage: fuzzgen netlink|bytes|packets SEED COUNT");
        return ExitCode::from(2);
    };
    let (Ok(seed), Ok(count)) = (seed.parse(), count.parse()) else {
        eprintln!("fuzzgen: SEED and COUNT are numbers");
        return ExitCode::from(2);
    };
    let make: fn(&mut Random) -> Vec<u8> = match kind.as_str() {
        "netlink" => netlink::by_the_specification,
        "bytes" => netlink::against_it,
        "packets" => packets::packet,
        _ => {
            eprintln!("fuzzgen: {kind}: netlink, bytes and packets are known");
            return ExitCode::from(2);
        }
    };
    // A reader that has enough ends this quietly.
    let _ = write_all(make, Random::new(seed), count);
    ExitCode::SUCCESS
}

fn write_all(make: fn(&mut Random) -> Vec<u8>, mut random: Random, count: u64) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for _ in 0..count {
        let input = make(&mut random);
        let len = u32::try_from(input.len()).unwrap_or(u32::MAX);
        out.write_all(&len.to_le_bytes())?;
        out.write_all(&input)?;
    }
    out.flush()
}
