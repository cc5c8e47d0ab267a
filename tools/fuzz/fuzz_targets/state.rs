// SPDX-License-Identifier: GPL-2.0

//! Takes connections through their states by arbitrary packets in arbitrary order, with every timeout and
//! the defence that gives connections up: a state is always one of its protocol.
//!
//! The first byte chooses the protocol and TCP's table; then each packet is two bytes: the way that it
//! goes, and its TCP flags or SCTP chunk.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rvs_logic::logic::{
    addr::Protocol,
    defense::{
        Sieve,
        Suspect, //
    },
    proto::{
        is_assured,
        is_open,
        sctp,
        tcp,
        udp,
        Direction,
        State,
        Timeouts, //
    },
    wire::tcp::TcpFlags, //
};

const WAYS: [Direction; 3] = [Direction::Input, Direction::Output, Direction::InputOnly];

const CHUNKS: [sctp::Event; 11] = [
    sctp::Event::Data,
    sctp::Event::Init,
    sctp::Event::InitAck,
    sctp::Event::CookieEcho,
    sctp::Event::CookieAck,
    sctp::Event::Shutdown,
    sctp::Event::ShutdownAck,
    sctp::Event::ShutdownComplete,
    sctp::Event::Error,
    sctp::Event::Abort,
    sctp::Event::None,
];

/// Whether a connection of the protocol can be in the state.
fn belongs(protocol: Protocol, state: State) -> bool {
    let number = state.as_u8();
    let (udp, sctp) = (State::Udp.as_u8(), State::SctpInit1.as_u8());
    match protocol {
        _ if state == State::None => true,
        Protocol::TCP => number < udp,
        Protocol::UDP => number == udp,
        _ => number >= sctp,
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, packets)) = data.split_first() else {
        return;
    };
    let protocol = [Protocol::TCP, Protocol::SCTP, Protocol::UDP][usize::from(choice % 3)];
    let secure = choice & 0x80 != 0;
    let mut state = State::None;
    let mut timeouts = Timeouts::DEFAULT;
    let mut sieve = Sieve::default();
    for (number, packet) in packets.chunks_exact(2).enumerate() {
        let way = WAYS[usize::from(packet[0] % 3)];
        let before = state;
        state = match protocol {
            Protocol::TCP => tcp::next(state, way, TcpFlags(packet[1]).event(), secure),
            Protocol::SCTP => sctp::next(state, way, CHUNKS[usize::from(packet[1] % 11)]),
            _ => udp::next(state, way),
        };
        assert!(belongs(protocol, state), "{before:?} became {state:?}");
        assert_eq!(State::from_u8(state.as_u8()), Some(state));
        assert!(!state.name().is_empty());
        // Only the secure table knows it, and whoever was in it when the setting was turned off.
        assert!(secure || state != State::SynAck);
        let seconds = u32::from(packet[0]) << (packet[1] & 15);
        timeouts.set(state, seconds);
        assert_eq!(timeouts.get(state), seconds);
        assert!(is_assured(state, way == Direction::Output) <= (state != State::None));
        let suspect = Suspect {
            protocol,
            state,
            idle: seconds,
            packets: u32::try_from(number).unwrap_or(u32::MAX),
        };
        // One in whose peers somebody waits for data is given up only if it is established.
        if sieve.takes(suspect) && is_open(state) {
            assert_eq!(state, State::Established);
        }
    }
});
