// SPDX-License-Identifier: GPL-2.0

//! The tables again, written as rules instead of rows: for each direction and
//! event the states that change, and the state that the rest goes to.

use super::*;

/// The next state of `state` by a list of changes; `rest` is for the others.
fn rule(state: State, changes: &[(&[State], State)], rest: Option<State>) -> State {
    changes
        .iter()
        .find(|(from, _)| from.contains(&state))
        .map_or(rest.unwrap_or(state), |(_, to)| *to)
}

const NO: State = State::None;

/// Changes that the states themselves name: they stay.
const STAY_SR_LA_LI: [(&[State], State); 3] = [(&[SR], SR), (&[LA], LA), (&[LI], LI)];

fn input_normal(state: State, event: Event) -> State {
    match event {
        Event::Syn => rule(state, &[(&[ES, SS], ES)], Some(SR)),
        Event::Fin => rule(
            state,
            &[(&[NO], CL), (&[ES], CW), (&[SR, FW, SA], TW)],
            None,
        ),
        Event::Ack => rule(state, &[(&[NO, SR, SA], ES), (&[LA], CL)], None),
        Event::Rst => match state {
            SA => SR,
            _ => rule(state, &STAY_SR_LA_LI, Some(CL)),
        },
        Event::None => CL,
    }
}

fn input_secure(state: State, event: Event) -> State {
    match event {
        Event::Syn => rule(state, &[(&[ES, SS], ES), (&[SA], SA)], Some(SR)),
        Event::Fin => rule(state, &[(&[NO], CL), (&[ES], CW), (&[SR, FW], TW)], None),
        Event::Ack => rule(state, &[(&[NO], ES), (&[LA], CL)], None),
        Event::Rst => rule(state, &STAY_SR_LA_LI, Some(CL)),
        Event::None => CL,
    }
}

fn output(state: State, event: Event, secure: bool) -> State {
    match (event, secure) {
        (Event::Syn, false) => rule(
            state,
            &[(&[ES], ES), (&[SR], SR), (&[LI], LI), (&[SA], SR)],
            Some(SS),
        ),
        (Event::Syn, true) => rule(
            state,
            &[(&[ES], ES), (&[LI], LI), (&[SA], SA), (&[SR], SA)],
            Some(SS),
        ),
        (Event::Fin, _) => rule(state, &[(&[NO, SR, CW, SA], TW), (&[ES], FW)], None),
        (Event::Ack, _) => rule(state, &[(&[NO, SR, LI, SA], ES)], None),
        (Event::Rst, _) => rule(state, &[(&[SS], SS), (&[TW], TW)], Some(CL)),
        (Event::None, _) => CL,
    }
}

fn input_only(state: State, event: Event, secure: bool) -> State {
    match (event, secure) {
        (Event::Syn, false) => rule(state, &[(&[ES, SS], ES)], Some(SR)),
        (Event::Syn, true) => rule(state, &[(&[ES, SS], ES), (&[SR], SR)], Some(SA)),
        (Event::Fin, _) => rule(state, &[(&[NO], CL), (&[ES], FW), (&[SR, SA], TW)], None),
        (Event::Ack, _) => rule(state, &[(&[NO, SR, SA], ES), (&[LA], CL)], None),
        (Event::Rst, _) => rule(state, &STAY_SR_LA_LI, Some(CL)),
        (Event::None, _) => CL,
    }
}

fn expected(state: State, dir: Direction, event: Event, secure: bool) -> State {
    match (dir, secure) {
        (Direction::Input, false) => input_normal(state, event),
        (Direction::Input, true) => input_secure(state, event),
        (Direction::Output, _) => output(state, event, secure),
        (Direction::InputOnly, _) => input_only(state, event, secure),
    }
}

const EVENTS: [Event; 5] = [Event::Syn, Event::Fin, Event::Ack, Event::Rst, Event::None];
const DIRECTIONS: [Direction; 3] = [Direction::Input, Direction::Output, Direction::InputOnly];

#[test]
fn every_row_follows_its_rule() {
    for dir in DIRECTIONS {
        for event in EVENTS {
            for secure in [false, true] {
                for state in State::ALL.into_iter().take(STATES) {
                    assert_eq!(
                        next(state, dir, event, secure),
                        expected(state, dir, event, secure),
                        "{dir:?} {event:?} in {} (secure: {secure})",
                        state.name()
                    );
                }
            }
        }
    }
}

/// Follows a connection from its first packet.
fn follow(secure: bool, packets: &[(Direction, Event, State)]) {
    let mut state = State::None;
    for (step, (dir, event, want)) in packets.iter().enumerate() {
        state = next(state, *dir, *event, secure);
        assert_eq!(state, *want, "step {step}");
    }
}

use Direction::{
    Input,
    InputOnly,
    Output, //
};

#[test]
fn a_nat_connection_closed_by_the_client() {
    follow(
        false,
        &[
            (Input, Event::Syn, SR),
            (Output, Event::Syn, SR),
            (Input, Event::Ack, ES),
            (Output, Event::Ack, ES),
            (Input, Event::Fin, CW),
            (Output, Event::Fin, TW),
            (Input, Event::Ack, TW),
        ],
    );
}

#[test]
fn a_nat_connection_closed_by_the_server() {
    follow(
        false,
        &[
            (Input, Event::Syn, SR),
            (Output, Event::Syn, SR),
            (Input, Event::Ack, ES),
            (Output, Event::Fin, FW),
            (Input, Event::Fin, TW),
        ],
    );
}

#[test]
fn a_nat_connection_refused_by_the_server() {
    follow(false, &[(Input, Event::Syn, SR), (Output, Event::Rst, CL)]);
}

#[test]
fn direct_routing_sees_one_side() {
    let syn = (InputOnly, Event::Syn, SR);
    follow(
        false,
        &[
            syn,
            (InputOnly, Event::Ack, ES),
            (InputOnly, Event::Fin, FW),
        ],
    );
    follow(false, &[syn, (InputOnly, Event::Fin, TW)]);
    follow(false, &[syn, (InputOnly, Event::Rst, SR)]);
    follow(true, &[(InputOnly, Event::Syn, SA)]);
}

#[test]
fn the_secure_table_waits_for_the_server() {
    follow(
        true,
        &[
            (Input, Event::Syn, SR),
            (Output, Event::Syn, SA),
            (Input, Event::Ack, SA),
            (Output, Event::Ack, ES),
        ],
    );
}

#[test]
fn the_first_flag_counts() {
    let all = TcpFlags(0x3f);
    let without = |flags: u8| TcpFlags(all.0 & !flags).event();
    assert_eq!(without(0), Event::Rst);
    assert_eq!(without(0x04), Event::Syn);
    assert_eq!(without(0x06), Event::Fin);
    assert_eq!(without(0x07), Event::Ack);
    assert_eq!(without(0x17), Event::None);
}

/// SYN opens unless RST is there too; sloppy opens on everything but RST.
#[test]
fn which_segments_open() {
    let rows = [
        (0x02, true, true),
        (0x12, false, true),
        (0x03, false, true),
        (0x06, false, false),
        (0x10, false, true),
        (0x14, false, false),
        (0x01, false, true),
        (0x00, false, true),
    ];
    for (flags, strict, sloppy) in rows {
        assert_eq!(may_open(TcpFlags(flags), false), strict, "{flags:#04x}");
        assert_eq!(may_open(TcpFlags(flags), true), sloppy, "{flags:#04x}");
        // What begins a connection without one begins one in the place of one that is over.
        assert_eq!(TcpFlags(flags).opens(), strict, "{flags:#04x}");
    }
}
