// SPDX-License-Identifier: GPL-2.0

//! Making the kernel have what a document says, as one step.
//!
//! What there is is read with its generation; [`plan`] finds what has to change; and that is
//! one transaction, which the kernel refuses if the generation is another one by now. Then
//! everything begins anew.

pub mod confirm;
pub mod fields;
pub mod plan;
pub mod show;

use crate::{
    client::Client,
    document::{
        Document,
        Source, //
    },
    error::Error,
    netlink::Transport,
    output::paper::Paper,
    request::{
        Owner,
        Transaction, //
    },
};
use plan::{
    Plan,
    Scope, //
};
use rustix::io::Errno;
use std::time::Duration;

/// How often it begins anew because somebody else was faster.
const ATTEMPTS: u32 = 10;

/// What to do with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Say what differs.
    Diff,
    /// Let the kernel check what would be done.
    Try,
    /// Do it.
    Apply {
        /// Undo it after this time, unless somebody confirms it.
        confirm: Option<Duration>,
    },
}

/// A document, and what to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The document.
    pub document: Document,
    /// Its file.
    pub source: Source,
    /// What to do.
    pub mode: Mode,
    /// Whether services that it does not have go.
    pub prune: bool,
    /// Whether what belongs to others is touched.
    pub force: bool,
    /// Whether to print JSON.
    pub json: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not tried.
    Planned,
    /// The kernel would do it.
    Possible,
    /// There was nothing to do.
    Nothing,
    /// It is done.
    Done {
        /// The generation of the configuration.
        generation: u32,
        /// How long there is to confirm it.
        confirm: Option<Duration>,
    },
}

impl Order {
    fn scope(&self) -> Scope {
        Scope {
            owner: self.document.owner,
            prune: self.prune,
            force: self.force,
            everything: false,
        }
    }

    /// Carries it out; returns the exit code.
    pub fn run<T: Transport>(
        &self,
        client: &mut Client<T>,
        out: &mut impl Paper,
    ) -> Result<u8, Error> {
        match self.mode {
            Mode::Diff => {
                let have = client.snapshot()?.document;
                let plan = plan::compare(&have, &self.document, &self.scope());
                show::plan(out, &plan, Outcome::Planned, self.json)?;
                Ok(u8::from(!plan.steps.is_empty()))
            }
            Mode::Try => {
                let (plan, _) = self.transact(client, true)?;
                show::plan(out, &plan, Outcome::Possible, self.json)?;
                Ok(0)
            }
            Mode::Apply { confirm: None } => {
                confirm::check_none_waits()?;
                let (plan, outcome) = self.transact(client, false)?;
                show::plan(out, &plan, outcome, self.json)?;
                Ok(0)
            }
            Mode::Apply {
                confirm: Some(time),
            } => match confirm::is_holder() {
                true => confirm::hold(self, client, out, time),
                false => confirm::delegate(&self.source.text),
            },
        }
    }

    /// Makes it so, or tries; says what had to be changed.
    fn transact<T: Transport>(
        &self,
        client: &mut Client<T>,
        dry_run: bool,
    ) -> Result<(Plan, Outcome), Error> {
        let scope = self.scope();
        for _attempt in 0..ATTEMPTS {
            let have = client.snapshot()?;
            let plan = plan::compare(&have.document, &self.document, &scope);
            if plan.steps.is_empty() {
                return Ok((plan, Outcome::Nothing));
            }
            let all = Transaction {
                changes: plan.changes(),
                generation: have.generation,
                dry_run,
                owner: scope.owner,
                force: scope.force,
            };
            match client.transact(all) {
                Ok(_) if dry_run => return Ok((plan, Outcome::Possible)),
                Ok(generation) => {
                    let confirm = None;
                    return Ok((
                        plan,
                        Outcome::Done {
                            generation,
                            confirm,
                        },
                    ));
                }
                Err(error) if is_stale(&error) => {}
                Err(error) => return Err(plan.explain(error, &self.source)),
            }
        }
        Err(too_fast())
    }
}

/// Whether somebody else was faster.
fn is_stale(error: &Error) -> bool {
    error.errno() == Some(Errno::STALE.raw_os_error())
}

fn too_fast() -> Error {
    Error::Absent("others change the configuration too fast; nothing is done".to_owned())
}

impl Document {
    /// The document as this owner's: what named no other one belongs to it.
    pub fn owned_by(mut self, owner: Owner) -> Self {
        let before = self.owner;
        let change = |own: &mut Option<Owner>| {
            if *own == before {
                *own = Some(owner);
            }
        };
        for service in &mut self.services {
            change(&mut service.spec.owner);
            let servers = service.servers.iter_mut();
            servers.for_each(|server| change(&mut server.owner));
        }
        self.owner = Some(owner);
        self
    }
}
