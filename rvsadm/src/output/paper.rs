// SPDX-License-Identifier: GPL-2.0

//! What is printed on: a terminal of some size, in colours or without, or something endless.

use rustix::termios::tcgetwinsize;
use std::{
    env,
    io::{
        self,
        IsTerminal,
        Write, //
    },
};

/// What fits on the paper, and how it may look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Characters of a line; `None` is as many as are needed.
    pub width: Option<usize>,
    /// Lines of a screen, if it is one.
    pub height: Option<usize>,
    /// Whether there may be colours.
    pub colour: bool,
}

/// Something to print on.
pub trait Paper: Write {
    /// How; a file has no limits and no colours.
    fn style(&self) -> Style {
        Style::default()
    }
}

impl Paper for Vec<u8> {}

/// Text that is printed later, in this style.
#[derive(Debug, Default)]
pub struct Draft {
    /// The text.
    pub text: Vec<u8>,
    /// The style.
    pub style: Style,
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper for Draft {
    fn style(&self) -> Style {
        self.style
    }
}

/// The standard output.
pub struct Screen(io::BufWriter<io::StdoutLock<'static>>);

impl Screen {
    /// Takes the standard output.
    pub fn new() -> Self {
        Self(io::BufWriter::new(io::stdout().lock()))
    }
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Paper for Screen {
    fn style(&self) -> Style {
        let out = io::stdout();
        if !out.is_terminal() {
            return Style::default();
        }
        let size = tcgetwinsize(&out).ok();
        let known = |size: u16| (size != 0).then_some(usize::from(size));
        Style {
            width: size.and_then(|size| known(size.ws_col)),
            height: size.and_then(|size| known(size.ws_row)),
            colour: colours_wanted(),
        }
    }
}

/// Whether a terminal gets colours: not with NO_COLOR (no-color.org), nor one that has none.
pub fn colours_wanted() -> bool {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && env::var_os("TERM").is_some_and(|term| term != "dumb")
}

/// How a text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// A title.
    Bold,
    /// All is well.
    Green,
    /// Something to know.
    Yellow,
    /// Something is wrong.
    Red,
}

impl Ink {
    /// The text in this colour, if there are colours.
    pub fn on(self, style: Style, text: &str) -> String {
        let code = match self {
            Self::Bold => 1,
            Self::Green => 32,
            Self::Yellow => 33,
            Self::Red => 31,
        };
        match style.colour && !text.is_empty() {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}
