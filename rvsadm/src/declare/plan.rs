// SPDX-License-Identifier: GPL-2.0

//! What has to change for the kernel to have what a document says.

use super::fields::{
    self,
    Field, //
};
use crate::{
    document::{
        usual,
        Complaint,
        Described,
        Document,
        Source, //
    },
    error::{
        errno_text,
        Error, //
    },
    request::{
        Change,
        Config,
        Owner,
        ServerKey,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Stay,
        Timeout, //
    },
};
use rvs_logic::logic::uapi::ConnState;
use std::{
    collections::HashMap,
    hash::{
        Hash,
        Hasher, //
    },
};

/// How far a plan goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Whose objects it is about; `None` is nobody's.
    pub owner: Option<Owner>,
    /// Whether services that the document does not have go, and timeouts become the usual ones.
    pub prune: bool,
    /// Whether what belongs to others is touched as well.
    pub force: bool,
    /// Whether also servers go that are about to leave anyway.
    pub everything: bool,
}

impl Scope {
    /// Whether something that the document does not have may go.
    fn covers(&self, owner: Option<Owner>) -> bool {
        self.force || owner == self.owner
    }
}

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The timeout of a state.
    Timeout(ConnState),
    /// A service.
    Service(ServiceKey),
    /// A server of a service.
    Server(ServiceKey, ServerKey),
}

impl Hash for Subject {
    fn hash<H: Hasher>(&self, to: &mut H) {
        match self {
            Self::Timeout(state) => state.value().hash(to),
            Self::Service(key) => key.hash(to),
            Self::Server(key, at) => (key, at).hash(to),
        }
    }
}

impl Subject {
    /// The service that it is, or belongs to.
    pub fn service(&self) -> Option<ServiceKey> {
        match self {
            Self::Timeout(_) => None,
            Self::Service(key) | Self::Server(key, _) => Some(*key),
        }
    }
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It comes.
    Add,
    /// It changes.
    Change,
    /// It goes.
    Remove,
}

/// What becomes of one thing that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Its name.
    pub field: &'static str,
    /// Its value before.
    pub from: Option<String>,
    /// Its value then.
    pub to: Option<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub subject: Subject,
    /// What becomes of that.
    pub fate: Fate,
    /// And of what can be set.
    pub details: Vec<Detail>,
    /// How the kernel is told.
    pub change: Change,
}

/// All changes, in the order in which they are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes.
    pub steps: Vec<Step>,
    /// Services that the document does not have, and that stay.
    pub kept: usize,
}

/// Finds what has to change.
pub fn compare(have: &Document, want: &Document, scope: &Scope) -> Plan {
    let there: HashMap<_, _> = have.services.iter().map(|one| (one.key, one)).collect();
    let wanted: HashMap<_, _> = want.services.iter().map(|one| (one.key, one)).collect();
    let mut plan = Plan::default();
    plan.timeouts(&have.timeouts, &want.timeouts, scope);
    for service in &have.services {
        if wanted.contains_key(&service.key) {
            continue;
        }
        match scope.prune && scope.covers(service.spec.owner) {
            true => plan.push(
                Subject::Service(service.key),
                Fate::Remove,
                Vec::new(),
                Change::ServiceDel(service.key),
            ),
            false => plan.kept = plan.kept.saturating_add(1),
        }
    }
    for service in &want.services {
        match there.get(&service.key) {
            Some(old) => plan.change_service(old, service, scope),
            None => plan.add_service(service, scope),
        }
    }
    plan
}

impl Plan {
    /// The changes, as the kernel is told.
    pub fn changes(&self) -> Vec<Change> {
        self.steps.iter().map(|step| step.change.clone()).collect()
    }

    fn push(&mut self, subject: Subject, fate: Fate, details: Vec<Detail>, change: Change) {
        self.steps.push(Step {
            subject,
            fate,
            details,
            change,
        });
    }

    fn timeouts(&mut self, have: &[Timeout], want: &[Timeout], scope: &Scope) {
        let find = |all: &[Timeout], state| {
            let mut all = all.iter();
            let found = all.find(|timeout: &&Timeout| timeout.state == state);
            found.map(|timeout| timeout.seconds)
        };
        let reset = scope.prune && scope.covers(None);
        for state in ConnState::ALL.iter().copied() {
            let (Some(usual), named) = (usual(state), find(want, state)) else {
                continue;
            };
            let old = find(have, state).unwrap_or(usual);
            let Some(new) = named.or(reset.then_some(usual)) else {
                continue;
            };
            if old != new {
                let seconds = |seconds: u32| Some(format!("{seconds} s"));
                let detail = Detail {
                    field: "timeout",
                    from: seconds(old),
                    to: seconds(new),
                };
                let config = Config {
                    timeouts: vec![Timeout {
                        state,
                        seconds: new,
                    }],
                    ..Config::default()
                };
                self.push(
                    Subject::Timeout(state),
                    Fate::Change,
                    vec![detail],
                    Change::ConfigSet(config),
                );
            }
        }
    }

    fn add_service(&mut self, service: &Described, scope: &Scope) {
        let mut spec = told(&service.spec);
        spec.owner = said(spec.owner, scope.owner);
        self.push(
            Subject::Service(service.key),
            Fate::Add,
            details(&[], &fields::service(&service.key, &service.spec)),
            Change::ServiceNew(service.key, spec),
        );
        for server in &service.servers {
            self.add_server(service, server, scope);
        }
    }

    fn add_server(&mut self, service: &Described, server: &ServerSpec, scope: &Scope) {
        let spec = ServerSpec {
            owner: said(server.owner, scope.owner.or(service.spec.owner)),
            stay: None,
            ..*server
        };
        self.push(
            Subject::Server(service.key, server.key),
            Fate::Add,
            details(&[], &fields::server(server)),
            Change::ServerNew(service.key, spec),
        );
    }

    fn change_service(&mut self, old: &Described, new: &Described, scope: &Scope) {
        let key = new.key;
        let list: HashMap<_, _> = new.servers.iter().map(|one| (one.key, one)).collect();
        for server in &old.servers {
            let leaves = matches!(server.stay, Some(Stay::Drain { .. }));
            let goes = scope.covers(server.owner) && (scope.everything || !leaves);
            if goes && !list.contains_key(&server.key) {
                self.push(
                    Subject::Server(key, server.key),
                    Fate::Remove,
                    Vec::new(),
                    Change::ServerDel(key, server.key),
                );
            }
        }
        let all = details(
            &fields::service(&key, &old.spec),
            &fields::service(&key, &new.spec),
        );
        if !all.is_empty() {
            let mut spec = told(&new.spec);
            spec.owner = said(spec.owner, scope.owner.or(old.spec.owner));
            self.push(
                Subject::Service(key),
                Fate::Change,
                all,
                Change::ServicePut(key, spec),
            );
        }
        let there: HashMap<_, _> = old.servers.iter().map(|one| (one.key, one)).collect();
        for server in &new.servers {
            match there.get(&server.key) {
                Some(old) => self.change_server(key, old, server),
                None => self.add_server(new, server, scope),
            }
        }
    }

    fn change_server(&mut self, service: ServiceKey, old: &ServerSpec, new: &ServerSpec) {
        let all = details(&fields::server(old), &fields::server(new));
        if all.is_empty() {
            return;
        }
        let named = |field| all.iter().any(|detail: &Detail| detail.field == field);
        let spec = ServerSpec {
            stay: named("state").then(|| new.stay.unwrap_or(Stay::Ready)),
            owner: named("owner").then(|| new.owner.unwrap_or(Owner::NOBODY)),
            ..*new
        };
        self.push(
            Subject::Server(service, new.key),
            Fate::Change,
            all,
            Change::ServerSet(service, spec),
        );
    }

    /// A refusal of the kernel, with the place in the file that it is about.
    pub fn explain(&self, error: Error, source: &Source) -> Error {
        let Error::Refused(refusal) = &error else {
            return error;
        };
        let text = refusal.text.as_deref().unwrap_or_default();
        let Some((step, text)) = self.named(text) else {
            return error;
        };
        let field = refusal.attribute.as_deref().unwrap_or_default();
        let field = field.rsplit('.').next().unwrap_or_default();
        let message = format!("{text} ({})", errno_text(refusal.errno));
        match source.place(&step.subject, field) {
            Some(bytes) => {
                let Source { name, text, .. } = source;
                Error::Declined(Complaint::at(name, text, bytes, message).to_string())
            }
            None => Error::Declined(format!("{}: {message}", step.subject)),
        }
    }

    /// The step that the kernel names in the words `change 2: ...`, and the rest of them.
    fn named<'a>(&self, text: &'a str) -> Option<(&Step, &'a str)> {
        let (number, text) = text.strip_prefix("change ")?.split_once(": ")?;
        let index = number.parse::<usize>().ok()?.checked_sub(1)?;
        Some((self.steps.get(index)?, text))
    }
}

/// What the kernel is told of a service. A kernel without slow start wants to hear nothing of
/// it, and what is not said is none.
fn told(spec: &ServiceSpec) -> ServiceSpec {
    ServiceSpec {
        slow_start: spec.slow_start.filter(|seconds| *seconds != 0),
        ..spec.clone()
    }
}

/// The owner that the kernel is told, if it would take another one by itself.
fn said(owner: Option<Owner>, usual: Option<Owner>) -> Option<Owner> {
    match (owner, usual) {
        (None, None) => None,
        (None, Some(_)) => Some(Owner::NOBODY),
        (some, _) => some,
    }
}

/// The fields that are not the same; none of something that comes are there before.
fn details(old: &[Field], new: &[Field]) -> Vec<Detail> {
    let before = |name: &str| {
        let found = old.iter().find(|(field, _)| *field == name);
        found.and_then(|(_, value)| value.clone())
    };
    let all = new.iter().map(|(field, to)| Detail {
        field,
        from: before(field),
        to: to.clone(),
    });
    all.filter(|detail| detail.from != detail.to).collect()
}
