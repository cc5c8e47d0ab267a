// SPDX-License-Identifier: GPL-2.0

//! Where in a file the objects of a document stand.

use super::{
    Document,
    Format, //
};
use crate::{
    declare::plan::Subject,
    request::ServiceKey, //
};
use serde::{
    de::IgnoredAny,
    Deserialize, //
};
use serde_json::value::RawValue;
use std::{
    collections::HashSet,
    hash::Hash,
    ops::Range, //
};
use toml::Spanned;

/// A file, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is called in complaints.
    pub name: String,
    /// Its format.
    pub format: Format,
    /// Its text.
    pub text: String,
}

impl Source {
    /// Where `field` of an object is set, or else what names the object.
    pub fn place(&self, subject: &Subject, field: &str) -> Option<Range<usize>> {
        let document = Document::read(self.format, &self.name, &self.text).ok()?;
        let key = subject.service()?;
        let mut services = document.services.iter();
        let index = services.position(|service| service.key == key)?;
        let server = match subject {
            Subject::Server(_, at) => {
                let mut servers = document.services.get(index)?.servers.iter();
                Some(servers.position(|server| server.key == *at)?)
            }
            _ => None,
        };
        Places::of(self.format, &self.text)?.find(index, server, field)
    }
}

/// Where what names services and servers is.
#[derive(Default)]
pub(super) struct Places(Vec<ServicePlace>);

#[derive(Default)]
struct ServicePlace {
    name: Option<Range<usize>>,
    scheduler: Option<Range<usize>>,
    servers: Vec<Option<Range<usize>>>,
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct File<T> {
    #[serde(default = "Vec::new")]
    service: Vec<ServiceText<T>>,
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct ServiceText<T> {
    address: Option<T>,
    fwmark: Option<T>,
    scheduler: Option<T>,
    #[serde(default = "Vec::new")]
    server: Vec<ServerText<T>>,
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct ServerText<T> {
    address: Option<T>,
}

impl Places {
    /// The places in a text that could be read.
    pub(super) fn of(format: Format, text: &str) -> Option<Self> {
        match format {
            Format::Toml => {
                let file: File<Spanned<IgnoredAny>> = toml::from_str(text).ok()?;
                Some(Self::collect(file, |spanned| spanned.span()))
            }
            Format::Json => {
                let file: File<&RawValue> = serde_json::from_str(text).ok()?;
                let start = text.as_ptr().addr();
                Some(Self::collect(file, |raw| {
                    let raw = raw.get();
                    let start = raw.as_ptr().addr().saturating_sub(start);
                    start..start.saturating_add(raw.len())
                }))
            }
            _ => None,
        }
    }

    fn collect<T>(file: File<T>, place: impl Fn(T) -> Range<usize>) -> Self {
        let place = |text: Option<T>| text.map(&place);
        let services = file.service.into_iter().map(|service| ServicePlace {
            name: place(service.address.or(service.fwmark)),
            scheduler: place(service.scheduler),
            servers: service
                .server
                .into_iter()
                .map(|server| place(server.address))
                .collect(),
        });
        Self(services.collect())
    }

    fn find(&self, service: usize, server: Option<usize>, field: &str) -> Option<Range<usize>> {
        let service = self.0.get(service)?;
        match server {
            Some(server) => service.servers.get(server)?.clone(),
            None if field == "scheduler" => service.scheduler.clone(),
            None => service.name.clone(),
        }
    }
}

/// What is in a document twice, and where it is for the second time.
pub(super) fn twice(
    document: &Document,
    format: Format,
    text: &str,
) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let services = document.services.iter().map(|service| service.key);
    let again = repeated::<ServiceKey>(services);
    found.extend(again.map(|index| (index, None, "this service is there already")));
    for (service, index) in document.services.iter().zip(0usize..) {
        let servers = service.servers.iter().map(|server| server.key);
        let again = repeated(servers);
        found.extend(again.map(|server| (index, Some(server), "this server is there already")));
    }
    if found.is_empty() {
        return Vec::new();
    }
    let places = Places::of(format, text).unwrap_or_default();
    let found = found.into_iter();
    found
        .map(|(service, server, what)| {
            let place = places.find(service, server, "");
            (place.unwrap_or_default(), what)
        })
        .collect()
}

/// The positions of what was there before.
fn repeated<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> impl Iterator<Item = usize> {
    let mut seen = HashSet::new();
    keys.zip(0usize..)
        .filter_map(move |(key, index)| (!seen.insert(key)).then_some(index))
}
