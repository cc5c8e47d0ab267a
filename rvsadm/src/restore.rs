// SPDX-License-Identifier: GPL-2.0

//! Running command lines of ipvsadm that are read, as `ipvsadm --save` prints them.
//!
//! Consecutive changes are made as one transaction. If the kernel does not want that, they are
//! made one by one, as ipvsadm does, and the messages are those of the single lines.

use crate::{
    action::Action,
    cli::ipvsadm::{
        self,
        Face, //
    },
    client::Client,
    error::Error,
    netlink::Transport,
    output::paper::Paper,
    request::{
        Change,
        Request,
        Transaction, //
    },
};
use std::{
    io::{
        BufRead,
        Write, //
    },
    mem, //
};

/// The most changes that are made as one.
const BATCH: usize = 16_384;

/// Runs every line of `input`, and returns an exit code. The lines that succeed stay done.
///
/// As ipvsadm it does what ipvsadm does: a line that makes no sense ends it, one that the kernel refuses does
/// not, and the code is that of the last line. As rvsadm it goes on after every line that fails, and the code is the
/// highest.
pub fn run<T: Transport>(
    face: Face,
    input: impl BufRead,
    client: &mut Client<T>,
    out: &mut impl Paper,
    complain: &mut impl Write,
) -> Result<u8, Error> {
    let mut restore = Restore {
        face,
        client,
        out,
        complain,
        waiting: Vec::new(),
        code: 0,
    };
    for (line, number) in input.split(b'\n').zip(1usize..) {
        let line = line?;
        let words = words(&String::from_utf8_lossy(&line));
        if !words.is_empty() && restore.line(number, &words)? == After::End {
            return Ok(restore.code);
        }
    }
    restore.make()?;
    Ok(restore.code)
}

/// What comes after a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Next,
    End,
}

/// A change, and the line that asks for it.
struct Waiting {
    number: usize,
    request: Request,
    change: Change,
}

struct Restore<'a, T, P, C> {
    face: Face,
    client: &'a mut Client<T>,
    out: &'a mut P,
    complain: &'a mut C,
    /// Changes that are not made yet.
    waiting: Vec<Waiting>,
    /// The exit code so far.
    code: u8,
}

impl<T: Transport, P: Paper, C: Write> Restore<'_, T, P, C> {
    fn line(&mut self, number: usize, words: &[String]) -> Result<After, Error> {
        let action = match parse(self.face, words) {
            Ok(Action::Change(request)) => match as_change(&request) {
                Some(change) => {
                    self.waiting.push(Waiting {
                        number,
                        request,
                        change,
                    });
                    return match self.waiting.len() < BATCH {
                        true => Ok(After::Next),
                        false => self.make(),
                    };
                }
                None => Ok(Action::Change(request)),
            },
            action => action,
        };
        if self.make()? == After::End {
            return Ok(After::End);
        }
        let listing = action.as_ref().is_ok_and(Action::is_listing);
        let result = action.and_then(|action| action.run(self.client, self.out));
        self.note(number, result.map(|_code| ()), listing)
    }

    /// Makes the changes that wait.
    fn make(&mut self) -> Result<After, Error> {
        let waiting = mem::take(&mut self.waiting);
        if waiting.len() > 1 && self.make_as_one(&waiting) {
            self.ended(0);
            return Ok(After::Next);
        }
        for Waiting {
            number, request, ..
        } in waiting
        {
            let result = self.client.change(&request);
            if self.note(number, result, false)? == After::End {
                return Ok(After::End);
            }
        }
        Ok(After::Next)
    }

    /// Makes the changes as one; false if that cannot be.
    fn make_as_one(&mut self, waiting: &[Waiting]) -> bool {
        let changes = waiting.iter().map(|one| one.change.clone());
        let all = Transaction {
            // As with single requests, owners are not asked.
            force: true,
            ..Transaction::from(changes.collect::<Vec<_>>())
        };
        self.client.change(&Request::Transact(all)).is_ok()
    }

    /// Takes in how a line ended.
    fn note(
        &mut self,
        number: usize,
        result: Result<(), Error>,
        listing: bool,
    ) -> Result<After, Error> {
        let error = match result {
            Ok(()) => {
                self.ended(0);
                return Ok(After::Next);
            }
            Err(error @ Error::Output(_)) => return Err(error),
            Err(error) => error,
        };
        if let Some(text) = self.face.message(&error) {
            writeln!(self.complain, "{}", at_line(self.face, number, text))?;
        }
        self.ended(self.face.code(&error, listing));
        Ok(match (self.face, error) {
            (_, Error::Refused(_) | Error::Lacking(_)) => After::Next,
            (
                Face::Rvsadm,
                Error::Usage(_) | Error::Syntax(_) | Error::Declined(_) | Error::Absent(_),
            ) => After::Next,
            _ => After::End,
        })
    }

    /// Takes in the exit code of a line.
    fn ended(&mut self, code: u8) {
        self.code = match self.face {
            Face::Ipvsadm => code,
            Face::Rvsadm => self.code.max(code),
        };
    }
}

/// A request as a change of a transaction; not all requests are one.
fn as_change(request: &Request) -> Option<Change> {
    Some(match request {
        Request::ServiceNew(key, spec) => Change::ServiceNew(*key, spec.clone()),
        Request::ServiceSet(key, spec) => Change::ServiceSet(*key, spec.clone()),
        Request::ServiceDel(key) => Change::ServiceDel(*key),
        Request::ServerNew(key, spec) => Change::ServerNew(*key, *spec),
        Request::ServerSet(key, spec) => Change::ServerSet(*key, *spec),
        Request::ServerDel(key, at) => Change::ServerDel(*key, *at),
        Request::ConfigSet(config) => Change::ConfigSet(config.clone()),
        // Whether everything may go is another question for each owner.
        _ => return None,
    })
}

/// The words of a line, without the names of the command in front.
fn words(line: &str) -> Vec<String> {
    line.split_ascii_whitespace()
        .skip_while(|word| *word == "ipvsadm")
        .map(str::to_owned)
        .collect()
}

fn parse(face: Face, words: &[String]) -> Result<Action, Error> {
    match ipvsadm::parse(face, words)? {
        Action::Restore(_) => Err(ipvsadm::try_help(face)),
        action => Ok(action),
    }
}

/// A complaint with its line, for those who read it as rvsadm's.
fn at_line(face: Face, number: usize, text: String) -> String {
    match face {
        Face::Ipvsadm => text,
        Face::Rvsadm => {
            let complaint = text.strip_prefix("rvsadm: ").unwrap_or(&text);
            format!("rvsadm: line {number}: {complaint}")
        }
    }
}
