// SPDX-License-Identifier: GPL-2.0

//! The table again, written as rules instead of rows: for each direction and
//! event the states that change, and the state that the rest goes to.

use super::*;

const NO: State = State::None;

/// What an event does: changes, and where the rest goes if it does not stay.
type Rule = (
    Event,
    &'static [(&'static [State], State)],
    Option<State>, //
);

const INPUT: [Rule; 10] = [
    (Event::Data, &[(&[NO], ES)], None),
    (Event::Init, &[(&[NO], I1), (&[I1, RJ, CL], IN)], None),
    (Event::InitAck, &[(&[NO, I1, IN], CW), (&[CW], CO)], None),
    (Event::CookieEcho, &[(&[NO, CS], CR), (&[I1], IN)], None),
    (Event::CookieAck, &[(&[NO, CE], ES)], None),
    (Event::Shutdown, &[(&[NO, ES], SR)], None),
    (
        Event::ShutdownAck,
        &[(&[NO, SS, SA], CL), (&[I1], IN)],
        None,
    ),
    (Event::ShutdownComplete, &[(&[NO, I1, IN, SA], CL)], None),
    (Event::Error, &[(&[NO, CE], CL)], None),
    (Event::Abort, &[(&[CW], RJ)], Some(CL)),
];

const OUTPUT: [Rule; 10] = [
    (Event::Data, &[(&[NO], ES)], None),
    (Event::Init, &[(&[ES], ES)], Some(CW)),
    (Event::InitAck, &[(&[NO, I1, IN], CS)], None),
    (
        Event::CookieEcho,
        &[(&[NO, I1, IN, CS, CR, CW, CO, CE], CE)],
        None,
    ),
    (
        Event::CookieAck,
        &[(&[NO, I1, IN, CS, CR, CW, CO, CE], ES)],
        None,
    ),
    (
        Event::Shutdown,
        &[(&[SR], SR), (&[SA], SA), (&[RJ], RJ), (&[CL], CL)],
        Some(SS),
    ),
    (
        Event::ShutdownAck,
        &[(&[NO, I1, IN, CS, CR, SS, SR], SA)],
        None,
    ),
    (Event::ShutdownComplete, &[(&[NO], CL)], None),
    (Event::Error, &[(&[NO, I1, IN, CS, CR], CL)], None),
    (Event::Abort, &[(&[I1], RJ)], Some(CL)),
];

const INPUT_ONLY: [Rule; 10] = [
    (Event::Data, &[(&[NO, CW], ES)], None),
    (
        Event::Init,
        &[(&[NO], I1), (&[I1, CS, CR, CW, RJ, CL], IN)],
        None,
    ),
    (Event::InitAck, &[(&[NO, I1, IN, CS, CR, CW], CE)], None),
    (Event::CookieEcho, &[(&[NO, I1, IN, CS, CR, CW], ES)], None),
    (Event::CookieAck, &[(&[NO, CS, CR, CO, CE], ES)], None),
    (Event::Shutdown, &[(&[NO, ES], SR)], None),
    (
        Event::ShutdownAck,
        &[(&[NO, ES, SS, SA], CL), (&[I1], IN)],
        None,
    ),
    (
        Event::ShutdownComplete,
        &[(&[NO, I1, IN, CS, CR, SR, SA], CL)],
        None,
    ),
    (Event::Error, &[(&[NO], CL)], None),
    (Event::Abort, &[(&[CW], RJ)], Some(CL)),
];

const STATES_IN_ORDER: [State; STATES] = [
    NO, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL, //
];

#[test]
fn every_row_follows_its_rule() {
    let directions = [
        (Direction::Input, &INPUT),
        (Direction::Output, &OUTPUT),
        (Direction::InputOnly, &INPUT_ONLY),
    ];
    for (dir, rules) in directions {
        for (event, changes, rest) in rules {
            for state in STATES_IN_ORDER {
                let want = changes
                    .iter()
                    .find(|(from, _)| from.contains(&state))
                    .map_or(rest.unwrap_or(state), |(_, to)| *to);
                let name = state.name();
                assert_eq!(
                    next(state, dir, *event),
                    want,
                    "{dir:?} {event:?} in {name}"
                );
            }
        }
    }
}

#[test]
fn nothing_else_changes_a_state() {
    for dir in [Direction::Input, Direction::Output, Direction::InputOnly] {
        for state in State::ALL {
            assert_eq!(next(state, dir, Event::None), state);
        }
        for (event, ..) in INPUT {
            assert_eq!(next(State::Udp, dir, event), State::Udp);
            assert_eq!(next(State::Listen, dir, event), State::Listen);
        }
    }
}

/// Follows an association from its first packet.
fn follow(packets: &[(Direction, Event, State)]) {
    let mut state = State::None;
    for (step, (dir, event, want)) in packets.iter().enumerate() {
        state = next(state, *dir, *event);
        assert_eq!(state, *want, "step {step}");
    }
}

use Direction::{
    Input,
    InputOnly,
    Output, //
};

#[test]
fn an_association_opens_and_is_closed_by_the_client() {
    follow(&[
        (Input, Event::Init, I1),
        (Output, Event::InitAck, CS),
        (Input, Event::CookieEcho, CR),
        (Output, Event::CookieAck, ES),
        (Input, Event::Data, ES),
        (Input, Event::Shutdown, SR),
        (Output, Event::ShutdownAck, SA),
        (Input, Event::ShutdownComplete, CL),
    ]);
}

#[test]
fn an_association_that_the_server_refuses() {
    follow(&[(Input, Event::Init, I1), (Output, Event::Abort, RJ)]);
}

#[test]
fn direct_routing_sees_one_side() {
    follow(&[
        (InputOnly, Event::Init, I1),
        (InputOnly, Event::CookieEcho, ES),
        (InputOnly, Event::Shutdown, SR),
        (InputOnly, Event::ShutdownComplete, CL),
    ]);
}

/// INIT opens; sloppy opens on everything but ABORT, and never without a chunk.
#[test]
fn which_packets_open() {
    for (event, ..) in INPUT {
        assert_eq!(may_open(event, false), event == Event::Init, "{event:?}");
        assert_eq!(may_open(event, true), event != Event::Abort, "{event:?}");
    }
    assert!(!may_open(Event::None, false));
    assert!(!may_open(Event::None, true));
}
