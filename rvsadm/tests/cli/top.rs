// SPDX-License-Identifier: GPL-2.0

//! What `top` shows, on a terminal that exists only here.

use crate::{
    snapshots::{
        rich,
        snapshot, //
    },
    support::{
        client,
        info,
        reply,
        server_v4,
        tcp,
        two_services, //
    },
};
use ratatui::{
    backend::TestBackend,
    crossterm::event::{
        KeyCode,
        KeyEvent,
        KeyModifiers, //
    },
    Terminal,
};
use rvs_logic::logic::uapi::{
    DrainPolicy,
    DropReason, //
};
use rvsadm::{
    client::Entry,
    error::Error,
    netlink::replay::Datagram,
    reply::{
        Drops,
        Info, //
    },
    request::{
        Request,
        Stay, //
    },
    top::{
        state::{
            Do,
            State, //
        },
        view, //
    },
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn there(answers: Vec<Vec<Datagram>>) -> (Info, Vec<Entry>) {
    let mut client = client([vec![reply(&info())], answers].concat());
    let info = client.info().expect("info");
    (info, client.entries().expect("entries"))
}

/// After some looks at counters that grow.
fn state(answers: Vec<Vec<Datagram>>) -> State {
    let (mut info, mut entries) = there(answers);
    let mut state = State::new(SECOND);
    for growth in [0, 10, 1_000, 200, 0, 50_000, 2_000] {
        let mut all = vec![&mut info.stats.total];
        for entry in &mut entries {
            all.push(&mut entry.service.stats.total);
            all.extend(entry.servers.iter_mut().map(|one| &mut one.stats.total));
        }
        for (number, counters) in (1..).zip(all) {
            counters.conns += growth / 100;
            counters.in_pkts += growth * number;
            counters.in_bytes += growth * number * 1_000;
            counters.out_pkts += growth;
            counters.out_bytes += growth * 123;
        }
        info.drops[0].packets += growth / 100;
        state.update(info.clone(), entries.clone(), SECOND);
    }
    state
}

fn screen(state: &mut State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal
        .draw(|frame| view::draw(frame, state))
        .expect("a screen");
    let buffer = terminal.backend().buffer();
    let rows = buffer.content.chunks(usize::from(width));
    let lines = rows.map(|row| {
        let line: String = row.iter().map(|cell| cell.symbol()).collect();
        line.trim_end().to_owned()
    });
    let lines: Vec<String> = lines.collect();
    lines.join("\n") + "\n"
}

fn press(state: &mut State, code: KeyCode) -> Do {
    state.key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn type_in(state: &mut State, keys: &str) -> Do {
    let done = keys.chars().map(|key| press(state, KeyCode::Char(key)));
    done.last().expect("a key")
}

#[test]
fn screens() {
    for (width, height) in [(80, 24), (120, 16), (60, 12), (40, 8), (200, 14)] {
        let text = screen(&mut state(rich()), width, height);
        snapshot(&format!("top-{width}x{height}.screen"), &text);
    }
    let text = screen(&mut State::new(SECOND), 60, 12);
    assert!(text.contains("There are no services."), "{text}");
}

#[test]
fn no_terminal_is_too_small() {
    let mut state = state(rich());
    for width in 1..30 {
        for height in 1..14 {
            screen(&mut state, width, height);
            for keys in ["?", " ", "jd", "n", "G"] {
                type_in(&mut state, keys);
                screen(&mut state, width, height);
            }
        }
    }
}

#[test]
fn help_and_questions() {
    let mut state = state(two_services());
    type_in(&mut state, "?");
    snapshot("top-help.screen", &screen(&mut state, 80, 20));
    type_in(&mut state, "x");
    type_in(&mut state, "jd");
    snapshot("top-drain.screen", &screen(&mut state, 80, 20));
    type_in(&mut state, "n");
    let text = screen(&mut state, 80, 20);
    assert!(text.contains("nothing was changed"), "{text}");
}

#[test]
fn servers_drain_when_that_is_confirmed() {
    let mut state = state(two_services());
    screen(&mut state, 80, 20);
    assert_eq!(type_in(&mut state, "d"), Do::Nothing);
    assert!(screen(&mut state, 80, 20).contains("choose a server first"));
    press(&mut state, KeyCode::Down);
    for no in ["dn", "d\u{1b}", "dd", "rq"] {
        assert_eq!(type_in(&mut state, no), Do::Nothing);
    }
    let request = |stay, done: Do| {
        let Do::Change(request) = done else {
            panic!("{done:?}");
        };
        let Request::ServerSet(key, spec) = *request else {
            panic!("{request:?}");
        };
        assert_eq!(key, tcp(80));
        assert_eq!(spec.key, server_v4(2, 8080));
        assert_eq!((spec.stay, spec.weight), (Some(stay), None));
    };
    let drain = Stay::Drain {
        timeout: 0,
        policy: DrainPolicy::Wait,
    };
    request(drain, type_in(&mut state, "dy"));
    state.changed(Ok(()));
    assert!(screen(&mut state, 80, 20).contains("10.0.0.2:8080 drains"));
    request(Stay::Ready, type_in(&mut state, "ry"));
    state.changed(Err(Error::NotPermitted));
    assert!(screen(&mut state, 80, 20).contains("permission denied"));
}

#[test]
fn the_cursor_stays_on_what_it_was_on() {
    let mut state = state(two_services());
    let mark = |state: &mut State| {
        let mut terminal = Terminal::new(TestBackend::new(80, 20)).expect("a terminal");
        terminal
            .draw(|frame| view::draw(frame, state))
            .expect("a screen");
        let buffer = terminal.backend().buffer();
        let reversed = |cell: &&ratatui::buffer::Cell| {
            cell.modifier.contains(ratatui::style::Modifier::REVERSED)
        };
        let cells = buffer.content.iter().filter(reversed);
        let line: String = cells.map(|cell| cell.symbol()).collect();
        line.split_whitespace()
            .take(3)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(mark(&mut state), "- tcp 10.0.0.1:80");
    type_in(&mut state, "jj");
    assert!(mark(&mut state).starts_with("10.0.0.3:80 "));
    // Another order, and a service in front that is new.
    type_in(&mut state, "s");
    assert!(mark(&mut state).starts_with("10.0.0.3:80 "));
    type_in(&mut state, "s");
    assert!(mark(&mut state).starts_with("10.0.0.3:80 "));
    type_in(&mut state, "s");
    // Its service, when servers are hidden.
    press(&mut state, KeyCode::Enter);
    assert_eq!(mark(&mut state), "+ tcp 10.0.0.1:80");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "G");
    assert!(mark(&mut state).starts_with("[2001:db8::2]:53 "));
    type_in(&mut state, "f");
    assert_eq!(mark(&mut state), "+ udp [2001:db8::1]:53");
    press(&mut state, KeyCode::Home);
    assert_eq!(mark(&mut state), "+ tcp 10.0.0.1:80");
    // What vanishes leaves it somewhere.
    let (info, _) = there(two_services());
    state.update(info, Vec::new(), SECOND);
    assert_eq!(mark(&mut state), "");
    assert_eq!(type_in(&mut state, "djkG "), Do::Nothing);
}

#[test]
fn many_services_can_be_walked_through() {
    let (info, entries) = there(two_services());
    let mut many = Vec::new();
    for port in 1..2_000 {
        let mut entry = entries[1].clone();
        entry.service.key = tcp(port);
        many.push(entry);
    }
    let mut state = State::new(SECOND);
    state.update(info, many, SECOND);
    let text = screen(&mut state, 80, 24);
    assert!(text.contains("tcp 10.0.0.1:1 ") && !text.contains("tcp 10.0.0.1:9 "));
    press(&mut state, KeyCode::End);
    assert!(screen(&mut state, 80, 24).contains("tcp 10.0.0.1:1999 "));
    press(&mut state, KeyCode::PageUp);
    assert!(screen(&mut state, 80, 24).contains("tcp 10.0.0.1:1994 "));
    press(&mut state, KeyCode::Home);
    assert!(screen(&mut state, 80, 24).contains("tcp 10.0.0.1:1 "));
}

#[test]
fn drops_since_the_last_look() {
    let (mut info, entries) = there(two_services());
    let drops = |packets| {
        vec![Drops {
            reason: DropReason::TooBig,
            packets,
        }]
    };
    let mut state = State::new(SECOND);
    info.drops = drops(500);
    state.update(info.clone(), entries.clone(), SECOND);
    let text = screen(&mut state, 80, 24);
    assert!(
        text.contains("drops/s      0  in all 500: too-big 500"),
        "{text}"
    );
    info.drops = drops(520);
    state.update(info, entries, SECOND * 2);
    let text = screen(&mut state, 80, 24);
    assert!(
        text.contains("drops/s     10  in all 520: too-big 520 (+10/s)"),
        "{text}"
    );
}

#[test]
fn other_keys() {
    let mut state = state(two_services());
    assert_eq!(type_in(&mut state, "q"), Do::Quit);
    assert_eq!(press(&mut state, KeyCode::Esc), Do::Quit);
    let control = |key| KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL);
    assert_eq!(state.key(control('c')), Do::Quit);
    assert_eq!(state.key(control('l')), Do::Look);
    assert_eq!(state.key(control('x')), Do::Nothing);
    for _ in 0..20 {
        type_in(&mut state, "-");
    }
    assert_eq!(state.pause, Duration::from_secs(60));
    for _ in 0..20 {
        type_in(&mut state, "+");
    }
    assert_eq!(state.pause, Duration::from_millis(250));
    type_in(&mut state, "p");
    assert!(state.paused && screen(&mut state, 80, 24).contains("PAUSED"));
}
