// SPDX-License-Identifier: GPL-2.0

//! Completion of command lines by the shell, also with what the kernel has.
//!
//! The script that `rvsadm completions` prints calls rvsadm with the words of the line;
//! without a kernel that can be asked there are just fewer answers.

use super::Cli;
use crate::{
    client::{
        Client,
        Entry, //
    },
    netlink::socket::Socket,
    netns,
    output::table::{
        place,
        protocol, //
    },
    suggest,
};
use clap::CommandFactory;
use clap_complete::{
    engine::CompletionCandidate,
    env::{
        CompleteEnv,
        Shells, //
    },
    Shell, //
};
use rvs_logic::logic::uapi::ConnState;
use std::{
    env,
    ffi::{
        OsStr,
        OsString, //
    },
    fs,
    io, //
};

/// The variable by which the script asks.
const ASKED: &str = "RVSADM_COMPLETE";

/// Answers the script, if it is what called; true if so.
pub(crate) fn answer(args: &[OsString]) -> bool {
    if args.is_empty() {
        return false;
    }
    let asked = CompleteEnv::with_factory(Cli::command)
        .var(ASKED)
        .bin("rvsadm")
        .try_complete(args.iter().cloned(), None);
    // Whoever completes has no use for complaints.
    asked.unwrap_or(true)
}

/// The script for a shell.
pub(super) fn script(shell: Shell) -> String {
    match shell {
        Shell::Bash => return include_str!("complete.bash").to_owned(),
        Shell::Zsh => return include_str!("complete.zsh").to_owned(),
        _ => {}
    }
    let shells = Shells::builtins();
    let mut script = Vec::new();
    let written = match shells.completer(&shell.to_string()) {
        Some(completer) => {
            completer.write_registration(ASKED, "rvsadm", "rvsadm", "rvsadm", &mut script)
        }
        None => io::Result::Ok(()),
    };
    // Writing to memory cannot fail.
    written.unwrap_or_default();
    String::from_utf8_lossy(&script).into_owned()
}

/// The words of the line that is being completed.
fn words() -> Vec<String> {
    let args = env::args_os().skip_while(|arg| arg != "--").skip(1);
    args.map(|arg| arg.to_string_lossy().into_owned()).collect()
}

/// What follows one of these words.
fn after(words: &[String], names: &[&str]) -> Option<String> {
    let mut pairs = words.iter().zip(words.iter().skip(1));
    let found = pairs.find(|(word, _)| names.contains(&word.as_str()));
    found.map(|(_, next)| next.clone())
}

/// What the kernel has in the namespace that the line names.
fn entries(words: &[String]) -> Vec<Entry> {
    let entered = match after(words, &["-n", "--netns"]) {
        Some(name) => netns::enter(&name),
        None => Ok(()),
    };
    let all = entered
        .and_then(|()| Client::connect(Socket::open()?))
        .and_then(|mut client| client.entries());
    all.unwrap_or_default()
}

fn beginning_with(
    texts: impl IntoIterator<Item = String>,
    current: &OsStr,
) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let mut texts: Vec<String> = texts
        .into_iter()
        .filter(|text| text.starts_with(current.as_ref()))
        .collect();
    texts.sort();
    texts.dedup();
    texts.into_iter().map(CompletionCandidate::new).collect()
}

const PROTOCOLS: &[&str] = &["tcp", "udp", "sctp", "fwmark"];

/// The addresses and firewall marks of services with the protocol in front.
pub(super) fn services(current: &OsStr) -> Vec<CompletionCandidate> {
    let words = words();
    let named = words.iter().find(|word| PROTOCOLS.contains(&word.as_str()));
    let keys = entries(&words).into_iter().map(|entry| entry.service.key);
    let of_protocol = keys.filter(|key| named.is_none_or(|named| protocol(key) == **named));
    beginning_with(
        of_protocol.map(|key| {
            let place = place(&key);
            // Whether a mark is for IPv6 is another word.
            place.split(' ').next().unwrap_or_default().to_owned()
        }),
        current,
    )
}

/// The servers of the service in front.
pub(super) fn servers(current: &OsStr) -> Vec<CompletionCandidate> {
    let words = words();
    let service = after(&words, PROTOCOLS);
    let all = entries(&words).into_iter().filter(|entry| {
        let place = place(&entry.service.key);
        let place = place.split(' ').next();
        place == service.as_deref() && words.contains(&protocol(&entry.service.key))
    });
    beginning_with(
        all.flat_map(|entry| entry.servers)
            .map(|server| server.key.to_string()),
        current,
    )
}

/// The servers of all services, and the words in front of one of a single service.
pub(super) fn anywhere(current: &OsStr) -> Vec<CompletionCandidate> {
    let words = words();
    let named = |word: &String| PROTOCOLS.contains(&word.as_str());
    match words.iter().rev().skip(1).position(named) {
        Some(0) => services(current),
        Some(1) => servers(current),
        _ => {
            let servers = entries(&words).into_iter().flat_map(|entry| entry.servers);
            let addresses = servers.map(|server| {
                let at = server.key.endpoint.addr.display(server.key.family);
                at.to_string()
            });
            let protocols = PROTOCOLS.iter().map(|name| (*name).to_owned());
            beginning_with(addresses.chain(protocols), current)
        }
    }
}

/// The two words of a service behind an option.
pub(super) fn service_words(current: &OsStr) -> Vec<CompletionCandidate> {
    let words = words();
    match words.iter().rev().nth(1) {
        Some(last) if PROTOCOLS.contains(&last.as_str()) => services(current),
        _ => beginning_with(PROTOCOLS.iter().map(|name| (*name).to_owned()), current),
    }
}

/// The servers of all services.
pub(super) fn all_servers(current: &OsStr) -> Vec<CompletionCandidate> {
    let servers = entries(&words()).into_iter().flat_map(|one| one.servers);
    beginning_with(servers.map(|server| server.key.to_string()), current)
}

/// The addresses of all services, with their ports.
pub(super) fn virtuals(current: &OsStr) -> Vec<CompletionCandidate> {
    let keys = entries(&words()).into_iter().map(|one| one.service.key);
    let addressed = keys.filter(|key| key.mark() == 0);
    beginning_with(addressed.map(|key| place(&key)), current)
}

/// The addresses of all services.
pub(super) fn vips(current: &OsStr) -> Vec<CompletionCandidate> {
    let keys = entries(&words()).into_iter().map(|one| one.service.key);
    let addressed = keys.filter(|key| key.mark() == 0);
    let addresses = addressed.map(|key| key.endpoint().addr.display(key.family).to_string());
    beginning_with(addresses, current)
}

/// The states of connections.
pub(super) fn states(current: &OsStr) -> Vec<CompletionCandidate> {
    let all = ConnState::ALL.iter();
    beginning_with(all.map(|state| state.name().to_owned()), current)
}

/// The same with the sign behind them that a time follows.
pub(super) fn timeouts(current: &OsStr) -> Vec<CompletionCandidate> {
    let all = ConnState::ALL.iter();
    beginning_with(all.map(|state| format!("{}=", state.name())), current)
}

/// The schedulers.
pub(super) fn schedulers(current: &OsStr) -> Vec<CompletionCandidate> {
    let all = suggest::SCHEDULERS.iter();
    beginning_with(all.map(|name| (*name).to_owned()), current)
}

/// The network namespaces.
pub(super) fn namespaces(current: &OsStr) -> Vec<CompletionCandidate> {
    let all = fs::read_dir(netns::DIRECTORY)
        .into_iter()
        .flatten()
        .flatten();
    beginning_with(
        all.map(|entry| entry.file_name().to_string_lossy().into_owned()),
        current,
    )
}
