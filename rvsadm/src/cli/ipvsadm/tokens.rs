// SPDX-License-Identifier: GPL-2.0

//! Splits arguments into flags, their values and loose arguments, as popt does.

use super::flags::{
    Flag,
    Value,
    FLAGS, //
};
use crate::error::Error;

/// One flag with its value, or one argument that is no flag.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// A flag.
    Flag {
        /// Which one.
        flag: &'static Flag,
        /// The argument it stands in, as it was typed.
        typed: &'a str,
        /// Its value.
        value: Option<&'a str>,
    },
    /// Something else.
    Argument(&'a str),
}

/// Walks the arguments.
pub(super) struct Tokens<'a> {
    args: &'a [String],
    /// The letters of the present argument that are not used up.
    letters: &'a str,
    /// The present argument.
    typed: &'a str,
    /// Nothing is a flag any more.
    after_dashes: bool,
}

impl<'a> Tokens<'a> {
    /// Walks `args`.
    pub(super) const fn new(args: &'a [String]) -> Self {
        Self {
            args,
            letters: "",
            typed: "",
            after_dashes: false,
        }
    }

    fn shift(&mut self) -> Option<&'a str> {
        let (first, rest) = self.args.split_first()?;
        self.args = rest;
        Some(first)
    }

    /// The next argument, unless it looks like a flag.
    fn shift_value(&mut self) -> Option<&'a str> {
        self.args.first().filter(|next| !next.starts_with('-'))?;
        self.shift()
    }

    fn complain<T>(&self, complaint: &str) -> Result<T, Error> {
        Err(Error::Syntax(format!("{}: {complaint}", self.typed)))
    }

    /// The flag whose letter is next.
    fn letter(&mut self) -> Result<Token<'a>, Error> {
        let mut letters = self.letters.chars();
        let letter = letters.next();
        self.letters = letters.as_str();
        let Some(flag) = FLAGS.iter().find(|flag| flag.short == letter) else {
            return self.complain("unknown option");
        };
        let mut attached = None;
        // What follows is the value, or one that the flag does not take.
        if self.letters.starts_with('=') || flag.value != Value::None {
            attached = Some(self.letters.strip_prefix('=').unwrap_or(self.letters));
            attached = attached.filter(|_| !self.letters.is_empty());
            self.letters = "";
        }
        self.with_value(flag, attached)
    }

    /// The flag whose long name, and perhaps value, is `text`.
    fn long(&mut self, text: &'a str) -> Result<Token<'a>, Error> {
        let (name, attached) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        match FLAGS.iter().find(|flag| flag.long == name) {
            Some(flag) => self.with_value(flag, attached),
            None => self.complain("unknown option"),
        }
    }

    fn with_value(
        &mut self,
        flag: &'static Flag,
        attached: Option<&'a str>,
    ) -> Result<Token<'a>, Error> {
        let value = match (flag.value, attached) {
            (Value::None, Some(_)) => return self.complain("option does not take an argument"),
            (Value::Needed(_), None) => match self.shift() {
                Some(value) => Some(value),
                None => return self.complain("missing argument"),
            },
            (Value::Optional(_), None) => self.shift_value(),
            (_, attached) => attached,
        };
        Ok(Token::Flag {
            flag,
            typed: self.typed,
            value,
        })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.letters.is_empty() {
            return Some(self.letter());
        }
        self.typed = self.shift()?;
        let flag = self.typed.strip_prefix('-').filter(|name| !name.is_empty());
        match flag {
            Some("-") if !self.after_dashes => {
                self.after_dashes = true;
                self.next()
            }
            Some(name) if !self.after_dashes => Some(match name.strip_prefix('-') {
                Some(long) => self.long(long),
                None => {
                    self.letters = name;
                    self.letter()
                }
            }),
            _ => Some(Ok(Token::Argument(self.typed))),
        }
    }
}
