// SPDX-License-Identifier: GPL-2.0

//! Printing again and again.

use crate::{
    action::View,
    client::Client,
    error::Error,
    netlink::Transport,
    output::paper::{
        Draft,
        Ink,
        Paper,
        Style, //
    },
};
use std::{
    thread,
    time::Duration, //
};

/// Homes the cursor and clears what is below.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Prints a view every `pause`, until the kernel cannot be asked or nobody reads any more.
///
/// On a terminal each time is a screen; in JSON each time is a line.
pub fn run<T: Transport>(
    view: &View,
    json: bool,
    pause: Duration,
    client: &mut Client<T>,
    out: &mut impl Paper,
) -> Result<(), Error> {
    let mut first = true;
    loop {
        let style = out.style();
        let mut draft = Draft {
            text: Vec::new(),
            style,
        };
        if json {
            view.print_json(client, &mut draft)?;
            out.write_all(&one_line(&draft.text))?;
        } else {
            view.print_table(client, &mut draft)?;
            let text = String::from_utf8_lossy(&draft.text);
            out.write_all(screen(&text, style, pause, first).as_bytes())?;
        }
        out.flush()?;
        first = false;
        thread::sleep(pause);
    }
}

/// A document on one line.
fn one_line(text: &[u8]) -> Vec<u8> {
    let value: Result<serde_json::Value, _> = serde_json::from_slice(text);
    let line = value.map(|value| format!("{value}\n").into_bytes());
    line.unwrap_or_else(|_error| text.to_vec())
}

/// What one time looks like: on a terminal a screen, otherwise a paragraph.
fn screen(text: &str, style: Style, pause: Duration, first: bool) -> String {
    let Some(height) = style.height else {
        return format!("{}{text}", if first { "" } else { "\n" });
    };
    let title = format!("every {} s, Ctrl-C ends", pause.as_secs_f32());
    let title = Ink::Bold.on(style, &title);
    // The title, an empty line, and none for the cursor to go to.
    let room = height.saturating_sub(3).max(1);
    let total = text.lines().count();
    let mut lines: Vec<&str> = text.lines().take(room).collect();
    let more = format!(
        "({} more lines)",
        total.saturating_sub(room).saturating_add(1)
    );
    if total > room {
        lines.pop();
        lines.push(&more);
    }
    format!("{CLEAR}{title}\n\n{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screens() {
        let terminal = |height| Style {
            height: Some(height),
            ..Style::default()
        };
        let pause = Duration::from_millis(500);
        let text = "a\nb\nc\n";
        assert_eq!(screen(text, Style::default(), pause, true), text);
        assert_eq!(screen(text, Style::default(), pause, false), "\na\nb\nc\n");
        let title = "\x1b[H\x1b[2Jevery 0.5 s, Ctrl-C ends\n\n";
        assert_eq!(
            screen(text, terminal(6), pause, true),
            format!("{title}a\nb\nc\n")
        );
        assert_eq!(
            screen(text, terminal(5), pause, true),
            format!("{title}a\n(2 more lines)\n")
        );
        assert!(screen(text, terminal(1), pause, true).ends_with("(3 more lines)\n"));
    }

    #[test]
    fn lines() {
        assert_eq!(one_line(b"[\n  1,\n  2\n]\n"), b"[1,2]\n");
        assert_eq!(one_line(b"odd"), b"odd");
    }
}
