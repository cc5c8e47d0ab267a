// SPDX-License-Identifier: GPL-2.0

//! What is known, what was typed, and what that asks for.

use super::{
    table::{
        self,
        Row, //
    },
    track::{
        per_second,
        Track, //
    },
};
use crate::{
    client::{
        Client,
        Entry, //
    },
    error::Error,
    netlink::Transport,
    output::table::service_name,
    reply::Info,
    request::{
        Request,
        ServerSpec,
        Stay, //
    },
};
use ratatui::crossterm::event::{
    KeyCode,
    KeyEvent,
    KeyEventKind,
    KeyModifiers, //
};
use rvs_logic::logic::uapi::DrainPolicy;
use std::{
    collections::{
        BTreeMap,
        BTreeSet, //
    },
    time::{
        Duration,
        Instant, //
    },
};

/// In which order services, and the servers of each, are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Name,
    Connections,
    Traffic,
}

impl Order {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Connections => "connections",
            Self::Traffic => "traffic",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Name => Self::Connections,
            Self::Connections => Self::Traffic,
            Self::Traffic => Self::Name,
        }
    }
}

/// What a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// Nothing but to show what is there.
    Nothing,
    /// Ask the kernel now.
    Look,
    /// The end.
    Quit,
    /// A change that was confirmed.
    Change(Box<Request>),
}

/// A question that must be answered first.
#[derive(Clone, Debug)]
pub(super) struct Prompt {
    pub(super) text: String,
    request: Box<Request>,
    /// What to say when it is done.
    done: String,
}

/// A line for the user.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) text: String,
    pub(super) bad: bool,
}

/// What is known and what was typed.
pub struct State {
    pub(super) info: Info,
    pub(super) entries: Vec<Entry>,
    pub(super) total: Track,
    pub(super) tracks: BTreeMap<String, Track>,
    /// Drops per second by reason.
    pub(super) drops: Vec<(&'static str, u64, u64)>,
    pub(super) rows: Vec<Row>,
    folded: BTreeSet<String>,
    /// The row that keys are about, and where it is on the screen.
    pub(super) cursor: usize,
    pub(super) first: usize,
    pub(super) page: usize,
    pub(super) order: Order,
    pub(super) prompt: Option<Prompt>,
    pub(super) notice: Option<Notice>,
    pub(super) help: bool,
    /// Whether what is shown stays.
    pub paused: bool,
    /// How long to wait between two looks.
    pub pause: Duration,
    looked: Option<Instant>,
    /// What is said if the change that was asked for is made.
    pending: Option<String>,
}

impl State {
    /// Nothing is known.
    pub fn new(pause: Duration) -> Self {
        Self {
            info: Info::default(),
            entries: Vec::new(),
            total: Track::default(),
            tracks: BTreeMap::new(),
            drops: Vec::new(),
            rows: Vec::new(),
            folded: BTreeSet::new(),
            cursor: 0,
            first: 0,
            page: 10,
            order: Order::Name,
            prompt: None,
            notice: None,
            help: false,
            paused: false,
            pause,
            looked: None,
            pending: None,
        }
    }

    /// Asks the kernel.
    pub fn look<T: Transport>(&mut self, client: &mut Client<T>) -> Result<(), Error> {
        let info = client.info()?;
        let entries = client.entries()?;
        let now = Instant::now();
        let before = self.looked.replace(now);
        let elapsed = before.map_or(self.pause, |before| now.saturating_duration_since(before));
        self.update(info, entries, elapsed);
        Ok(())
    }

    /// Takes in what there is, `elapsed` after the time before.
    pub fn update(&mut self, info: Info, entries: Vec<Entry>, elapsed: Duration) {
        self.total
            .count(&info.stats.total, &info.stats.rate, elapsed);
        let before = &self.info.drops;
        let drops = info.drops.iter().map(|drop| {
            let known = before.iter().find(|old| old.reason == drop.reason);
            // What was dropped before the first look was not dropped just now.
            let old = known.map_or(if before.is_empty() { drop.packets } else { 0 }, |old| {
                old.packets
            });
            let rate = per_second(drop.packets.saturating_sub(old), elapsed);
            (drop.reason.name(), drop.packets, rate)
        });
        self.drops = drops.collect();
        self.drops.sort_by(|a, b| (b.2, b.1).cmp(&(a.2, a.1)));
        for track in self.tracks.values_mut() {
            track.seen = false;
        }
        for Entry { service, servers } in &entries {
            let name = service_name(&service.key);
            let track = self.tracks.entry(name.clone()).or_default();
            track.count(&service.stats.total, &service.stats.rate, elapsed);
            for server in servers {
                let track = self.tracks.entry(format!("{name} {}", server.key));
                let track = track.or_default();
                track.count(&server.stats.total, &server.stats.rate, elapsed);
            }
        }
        self.tracks.retain(|_, track| track.seen);
        self.info = info;
        self.entries = entries;
        self.arrange();
    }

    /// Makes the rows anew; the cursor stays on what it was on.
    fn arrange(&mut self) {
        let chosen = self.rows.get(self.cursor).map(|row| row.id.clone());
        self.rows = table::rows(&self.entries, &self.tracks, &self.folded, self.order);
        let place = chosen.and_then(|id| self.rows.iter().position(|row| row.id == id));
        self.cursor = place.unwrap_or(self.cursor);
        self.bound();
    }

    /// Keeps the cursor on a row, and the row on the screen.
    pub(super) fn bound(&mut self) {
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        let page = self.page.max(1);
        let least = self.cursor.saturating_add(1).saturating_sub(page);
        self.first = self.first.clamp(least, self.cursor.max(least));
        self.first = self
            .first
            .min(self.rows.len().saturating_sub(page).max(least));
    }

    /// What was heard from the kernel: a client to ask again, or why not.
    pub(super) fn kept<T>(&mut self, seen: Result<Client<T>, Error>) -> Option<Client<T>> {
        match seen {
            Ok(client) => {
                if self.notice.as_ref().is_some_and(|notice| notice.bad) && self.pending.is_none() {
                    self.notice = None;
                }
                Some(client)
            }
            Err(error) => {
                self.say(error.to_string(), true);
                None
            }
        }
    }

    fn say(&mut self, text: String, bad: bool) {
        self.notice = Some(Notice { text, bad });
    }

    /// Says how the change went.
    pub fn changed(&mut self, result: Result<(), Error>) {
        let done = self.pending.clone().unwrap_or_default();
        match result {
            Ok(()) => self.say(done, false),
            Err(error) => self.say(error.to_string(), true),
        }
    }

    /// Takes in a key.
    pub fn key(&mut self, key: KeyEvent) -> Do {
        if key.kind == KeyEventKind::Release {
            return Do::Nothing;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c' | 'd') => Do::Quit,
                KeyCode::Char('l') => Do::Look,
                _ => Do::Nothing,
            };
        }
        if let Some(prompt) = self.prompt.take() {
            return self.answer(prompt, key.code);
        }
        if self.help {
            self.help = false;
            return Do::Nothing;
        }
        self.notice = None;
        self.pending = None;
        self.plain(key.code)
    }

    fn answer(&mut self, prompt: Prompt, code: KeyCode) -> Do {
        match code {
            KeyCode::Char('y' | 'Y') => {
                self.pending = Some(prompt.done);
                Do::Change(prompt.request)
            }
            _ => {
                self.say("nothing was changed".to_owned(), false);
                Do::Nothing
            }
        }
    }

    fn plain(&mut self, code: KeyCode) -> Do {
        match code {
            KeyCode::Char('q') | KeyCode::Esc => return Do::Quit,
            KeyCode::Char('?' | 'h') | KeyCode::F(1) => self.help = true,
            KeyCode::Char('p') => self.paused = !self.paused,
            KeyCode::Char('d') => self.ask(Stay::Drain {
                timeout: 0,
                policy: DrainPolicy::Wait,
            }),
            KeyCode::Char('r') => self.ask(Stay::Ready),
            KeyCode::Char('s') => {
                self.order = self.order.next();
                self.arrange();
            }
            KeyCode::Enter | KeyCode::Char(' ') => self.fold(),
            KeyCode::Char('f') => self.fold_all(),
            KeyCode::Char('+') => self.pause = (self.pause / 2).max(Duration::from_millis(250)),
            KeyCode::Char('-') => self.pause = (self.pause * 2).min(Duration::from_secs(60)),
            code => self.travel(code),
        }
        Do::Nothing
    }

    fn travel(&mut self, code: KeyCode) {
        let page = self.page.max(1);
        self.cursor = match code {
            KeyCode::Up | KeyCode::Char('k') => self.cursor.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.cursor.saturating_add(1),
            KeyCode::PageUp => self.cursor.saturating_sub(page),
            KeyCode::PageDown => self.cursor.saturating_add(page),
            KeyCode::Home | KeyCode::Char('g') => 0,
            KeyCode::End | KeyCode::Char('G') => usize::MAX,
            _ => self.cursor,
        };
        self.bound();
    }

    /// Hides or shows the servers of the service.
    fn fold(&mut self) {
        let Some(row) = self.rows.get(self.cursor) else {
            return;
        };
        let name = service_name(&row.service);
        if !self.folded.remove(&name) {
            // The cursor goes to the service, whose servers vanish.
            let place = self.rows.iter().position(|row| row.id == name);
            self.cursor = place.unwrap_or(self.cursor);
            self.folded.insert(name);
        }
        self.arrange();
    }

    /// Hides the servers of all services, or shows all of them.
    fn fold_all(&mut self) {
        match self.folded.is_empty() {
            true => {
                let entries = self.entries.iter();
                self.folded = entries.map(|one| service_name(&one.service.key)).collect();
            }
            false => self.folded.clear(),
        }
        self.arrange();
    }

    /// Asks whether the server is to drain, or to stay.
    fn ask(&mut self, stay: Stay) {
        let Some(row) = self.rows.get(self.cursor) else {
            return;
        };
        let Some(server) = row.server else {
            self.say("choose a server first".to_owned(), false);
            return;
        };
        let service = service_name(&row.service);
        let (text, done) = match stay {
            Stay::Drain { .. } => (
                format!("Drain {server} of {service}? It gets no new connections and goes when it has none left."),
                format!("{server} drains"),
            ),
            Stay::Ready => (
                format!("Make {server} of {service} ready? It stays and gets new connections."),
                format!("{server} is ready"),
            ),
        };
        let spec = ServerSpec {
            stay: Some(stay),
            ..ServerSpec::key(server)
        };
        self.prompt = Some(Prompt {
            text,
            request: Box::new(Request::ServerSet(row.service, spec)),
            done,
        });
    }
}
