// SPDX-License-Identifier: GPL-2.0

//! Reading the command lines of ipvsadm as a document.

use super::{
    source::{
        Complaint,
        Complaints, //
    },
    Described,
    Document, //
};
use crate::{
    action::Action,
    cli::ipvsadm::{
        self,
        Face, //
    },
    error::Error,
    request::{
        Config,
        Request,
        ServerSpec,
        ServiceKey,
        ServiceSpec, //
    },
};
use rvs_logic::logic::uapi::NoServer;
use std::ops::Range;

/// Reads command lines. What is left out has the defaults of ipvsadm.
pub(super) fn read(name: &str, text: &str) -> Result<Document, Complaints> {
    let mut document = Document::default();
    let mut complaints = Vec::new();
    let mut start = 0usize;
    for line in text.split_inclusive('\n') {
        if let Err((bytes, message)) = take(&mut document, line) {
            let bytes = start.saturating_add(bytes.start)..start.saturating_add(bytes.end);
            complaints.push(Complaint::at(name, text, bytes, message));
        }
        start = start.saturating_add(line.len());
    }
    if complaints.is_empty() {
        return Ok(document);
    }
    Err(Complaints(complaints))
}

type Taken = Result<(), (Range<usize>, String)>;

/// Takes in one line, without the comment that it may be.
fn take(document: &mut Document, line: &str) -> Taken {
    let words = words(line);
    let Some((first, last)) = words.first().zip(words.last()) else {
        return Ok(());
    };
    let all = first.start..last.end;
    let texts: Vec<String> = words
        .iter()
        .filter_map(|bytes| line.get(bytes.clone()).map(str::to_owned))
        .collect();
    let action = ipvsadm::parse(Face::Rvsadm, &texts).map_err(|error| {
        let culprit = culprit(&texts, &error.to_string());
        let bytes = words.get(culprit).cloned().unwrap_or(all.clone());
        (bytes, error.to_string().trim_end().to_owned())
    })?;
    let done = match action {
        Action::Change(request) => apply(document, request),
        _ => Err("this is no part of a configuration".to_owned()),
    };
    done.map_err(|message| (all, message))
}

/// Where the words of a line are, without the names of the command in front.
fn words(line: &str) -> Vec<Range<usize>> {
    if line.trim_start().starts_with('#') {
        return Vec::new();
    }
    let mut words = Vec::new();
    let mut at = 0usize;
    for part in line.split(|c: char| c.is_ascii_whitespace()) {
        let end = at.saturating_add(part.len());
        let named = words.is_empty() && part == "ipvsadm";
        if !part.is_empty() && !named {
            words.push(at..end);
        }
        at = end.saturating_add(1);
    }
    words
}

/// The word with which the complaint begins to be made.
fn culprit(words: &[String], complaint: &str) -> usize {
    (1..=words.len())
        .find(|count| {
            let front = words.get(..*count).unwrap_or(words);
            let error = ipvsadm::parse(Face::Rvsadm, front).err();
            error.is_some_and(|error: Error| error.to_string() == complaint)
        })
        .map_or(0, |count| count.saturating_sub(1))
}

/// Does to the document what a request does to the kernel.
fn apply(document: &mut Document, request: Request) -> Result<(), String> {
    match request {
        Request::ServiceNew(key, spec) => {
            if position(document, &key).is_some() {
                return Err("this service is there already".to_owned());
            }
            document.services.push(Described {
                key,
                spec: complete(spec),
                servers: Vec::new(),
            });
        }
        Request::ServiceSet(key, spec) => service(document, &key)?.spec = complete(spec),
        Request::ServiceDel(key) => {
            service(document, &key)?;
            document.services.retain(|service| service.key != key);
        }
        Request::ServerNew(key, spec) => add_server(service(document, &key)?, spec)?,
        Request::ServerSet(key, spec) => *server(service(document, &key)?, &spec)? = spec,
        Request::ServerDel(key, at) => {
            let service = service(document, &key)?;
            server(service, &ServerSpec::key(at))?;
            service.servers.retain(|server| server.key != at);
        }
        Request::Flush { .. } => document.services.clear(),
        Request::ConfigSet(config) => set_timeouts(document, &config),
        _ => return Err("this is no part of a configuration".to_owned()),
    }
    Ok(())
}

/// A service that ipvsadm describes has nothing that only rvs knows.
fn complete(spec: ServiceSpec) -> ServiceSpec {
    ServiceSpec {
        sched_size: Some(0),
        sched_expiry: Some(0),
        no_server: Some(NoServer::Reject),
        slow_start: Some(0),
        ..spec
    }
}

fn position(document: &Document, key: &ServiceKey) -> Option<usize> {
    let mut all = document.services.iter();
    all.position(|service| service.key == *key)
}

fn service<'a>(document: &'a mut Document, key: &ServiceKey) -> Result<&'a mut Described, String> {
    let mut all = document.services.iter_mut();
    all.find(|service| service.key == *key)
        .ok_or_else(|| "there is no such service above".to_owned())
}

fn server<'a>(service: &'a mut Described, spec: &ServerSpec) -> Result<&'a mut ServerSpec, String> {
    let mut all = service.servers.iter_mut();
    all.find(|server| server.key == spec.key)
        .ok_or_else(|| "there is no such server above".to_owned())
}

fn add_server(service: &mut Described, spec: ServerSpec) -> Result<(), String> {
    if server(service, &spec).is_ok() {
        return Err("this server is there already".to_owned());
    }
    service.servers.push(spec);
    Ok(())
}

fn set_timeouts(document: &mut Document, config: &Config) {
    document.timeouts.extend(super::named(config));
    super::tidy(&mut document.timeouts);
    super::keep_unusual(&mut document.timeouts);
}
