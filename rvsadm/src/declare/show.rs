// SPDX-License-Identifier: GPL-2.0

//! How a plan is printed: a line for each change, in colours, or JSON.

use super::{
    plan::{
        Detail,
        Fate,
        Plan,
        Step,
        Subject, //
    },
    Outcome, //
};
use crate::{
    error::Error,
    output::{
        paper::{
            Ink,
            Paper, //
        },
        table::service_name, //
    },
};
use serde::Serialize;
use std::{
    fmt,
    io::{
        self,
        Write, //
    },
};

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(state) => write!(f, "timeout {}", state.name()),
            Self::Service(key) => write!(f, "service {}", service_name(key)),
            Self::Server(_, key) => write!(f, "server {key}"),
        }
    }
}

impl Fate {
    const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Remove => "remove",
        }
    }

    const fn sign(self) -> char {
        match self {
            Self::Add => '+',
            Self::Change => '~',
            Self::Remove => '-',
        }
    }

    const fn ink(self) -> Ink {
        match self {
            Self::Add => Ink::Green,
            Self::Change => Ink::Yellow,
            Self::Remove => Ink::Red,
        }
    }
}

/// Prints a plan and what came of it.
pub fn plan(out: &mut impl Paper, plan: &Plan, outcome: Outcome, json: bool) -> Result<(), Error> {
    match json {
        true => as_json(out, plan, outcome)?,
        false => as_text(out, plan, outcome)?,
    }
    Ok(())
}

fn as_text(out: &mut impl Paper, plan: &Plan, outcome: Outcome) -> io::Result<()> {
    let style = out.style();
    let mut above = None;
    for step in &plan.steps {
        let service = step.subject.service();
        let inside = matches!(step.subject, Subject::Server(..));
        if inside && above != service {
            let name = service.map(|key| Subject::Service(key).to_string());
            writeln!(out, "  {}", name.unwrap_or_default())?;
        }
        above = service;
        let line = line(step, if inside { "  " } else { "" });
        writeln!(out, "{}", step.fate.ink().on(style, &line))?;
    }
    if plan.kept != 0 {
        let (are, stay) = match plan.kept {
            1 => ("service is", "stays"),
            _ => ("services are", "stay"),
        };
        writeln!(
            out,
            "{} {are} not in the file and {stay}; --prune removes what the owner has",
            plan.kept
        )?;
    }
    let summary = summary(plan, outcome);
    writeln!(out, "{}", Ink::Bold.on(style, &summary))
}

/// `+ service tcp 192.0.2.1:80: scheduler rr`.
fn line(step: &Step, indent: &str) -> String {
    let mut line = format!("{} {indent}{}", step.fate.sign(), step.subject);
    for (detail, number) in step.details.iter().zip(0..) {
        line += if number == 0 { ": " } else { ", " };
        line += &match (&detail.from, &detail.to) {
            (None, Some(to)) => format!("{} {to}", detail.field),
            (from, to) => {
                let word = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
                format!("{} {} -> {}", detail.field, word(from), word(to))
            }
        };
    }
    line
}

fn summary(plan: &Plan, outcome: Outcome) -> String {
    let count = |fate| {
        let of = plan.steps.iter().filter(|step| step.fate == fate);
        of.count()
    };
    let [add, change, remove] = [Fate::Add, Fate::Change, Fate::Remove].map(count);
    match outcome {
        _ if plan.steps.is_empty() => "nothing to change".to_owned(),
        Outcome::Nothing => "nothing to change".to_owned(),
        Outcome::Planned => format!("{add} to add, {change} to change, {remove} to remove"),
        Outcome::Possible => {
            format!("{add} to add, {change} to change, {remove} to remove: the kernel would do it")
        }
        Outcome::Done {
            generation,
            confirm,
        } => {
            let mut text =
                format!("{add} added, {change} changed, {remove} removed: generation {generation}");
            if let Some(time) = confirm {
                text += &format!(
                    "\nundone in {} seconds unless: rvsadm confirm",
                    time.as_secs()
                );
            }
            text
        }
    }
}

#[derive(Serialize)]
struct PlanView<'a> {
    changes: Vec<StepView<'a>>,
    kept: usize,
    done: bool,
    generation: Option<u32>,
    confirm_seconds: Option<u64>,
}

#[derive(Serialize)]
struct StepView<'a> {
    action: &'static str,
    timeout: Option<&'static str>,
    service: Option<String>,
    server: Option<String>,
    fields: Vec<FieldView<'a>>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    field: &'static str,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

impl<'a> From<&'a Detail> for FieldView<'a> {
    fn from(detail: &'a Detail) -> Self {
        Self {
            field: detail.field,
            from: detail.from.as_deref(),
            to: detail.to.as_deref(),
        }
    }
}

impl<'a> From<&'a Step> for StepView<'a> {
    fn from(step: &'a Step) -> Self {
        Self {
            action: step.fate.name(),
            timeout: match step.subject {
                Subject::Timeout(state) => Some(state.name()),
                _ => None,
            },
            service: step.subject.service().map(|key| service_name(&key)),
            server: match step.subject {
                Subject::Server(_, key) => Some(key.to_string()),
                _ => None,
            },
            fields: step.details.iter().map(FieldView::from).collect(),
        }
    }
}

fn as_json(out: &mut impl Write, plan: &Plan, outcome: Outcome) -> io::Result<()> {
    let (generation, confirm) = match outcome {
        Outcome::Done {
            generation,
            confirm,
        } => (Some(generation), confirm),
        _ => (None, None),
    };
    let view = PlanView {
        changes: plan.steps.iter().map(StepView::from).collect(),
        kept: plan.kept,
        done: generation.is_some(),
        generation,
        confirm_seconds: confirm.map(|time| time.as_secs()),
    };
    serde_json::to_writer_pretty(&mut *out, &view).map_err(io::Error::from)?;
    writeln!(out)
}
