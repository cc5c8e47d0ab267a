// SPDX-License-Identifier: GPL-2.0

//! Services and servers on a whole terminal, again and again.
//!
//! [`state`] is what is known and what was typed, [`table`] the rows, [`view`] how it looks;
//! only this file knows the terminal and the clock.

pub mod state;
mod table;
mod track;
pub mod view;

use crate::{
    client::Client,
    error::Error,
    netlink::Transport, //
};
use ratatui::{
    crossterm::event::{
        self,
        Event, //
    },
    DefaultTerminal,
};
use signal_hook::{
    consts::{
        SIGHUP,
        SIGINT,
        SIGTERM, //
    },
    flag,
};
use state::{
    Do,
    State, //
};
use std::{
    io::{
        self,
        IsTerminal, //
    },
    sync::{
        atomic::{
            AtomicBool,
            Ordering, //
        },
        Arc,
    },
    time::{
        Duration,
        Instant, //
    },
};

/// How often to look, if it is not said.
pub const PAUSE: Duration = Duration::from_secs(1);

/// How long a signal may go unnoticed.
const NAP: Duration = Duration::from_millis(200);

/// Shows services and servers until the user has seen enough. `connect` reaches the kernel, also
/// again after the module was loaded anew.
pub fn run<T: Transport>(
    pause: Duration,
    mut connect: impl FnMut() -> Result<Client<T>, Error>,
) -> Result<(), Error> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Error::usage(
            "top needs a terminal; elsewhere there is stats --watch",
        ));
    }
    // What is wrong from the beginning is said where it can be read.
    let mut client = connect()?;
    let mut state = State::new(pause);
    state.look(&mut client)?;
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&ended))?;
    }
    let mut terminal = ratatui::try_init()?;
    let result = show(&mut terminal, &mut state, client, connect, &ended);
    ratatui::restore();
    result
}

fn show<T: Transport>(
    terminal: &mut DefaultTerminal,
    state: &mut State,
    client: Client<T>,
    mut connect: impl FnMut() -> Result<Client<T>, Error>,
    ended: &AtomicBool,
) -> Result<(), Error> {
    let mut client = Some(client);
    let mut looked = Instant::now();
    while !ended.load(Ordering::Relaxed) {
        terminal.draw(|frame| view::draw(frame, state))?;
        let mut now = looked.elapsed() >= state.pause && !state.paused;
        if !now && event::poll(rest(state, looked))? {
            let Event::Key(key) = event::read()? else {
                continue;
            };
            match state.key(key) {
                Do::Nothing => {}
                Do::Look => now = true,
                Do::Quit => return Ok(()),
                Do::Change(request) => {
                    let changed = match &mut client {
                        Some(client) => client.change(&request),
                        None => Err(Error::NotLoaded),
                    };
                    state.changed(changed);
                    now = true;
                }
            }
        }
        if now {
            looked = Instant::now();
            let reached = match client.take() {
                Some(client) => Ok(client),
                None => connect(),
            };
            let seen = reached.and_then(|mut client| {
                state.look(&mut client)?;
                Ok(client)
            });
            client = state.kept(seen);
        }
    }
    Ok(())
}

/// How long to wait for a key.
fn rest(state: &State, looked: Instant) -> Duration {
    match state.paused {
        true => NAP,
        false => state.pause.saturating_sub(looked.elapsed()).min(NAP),
    }
}
