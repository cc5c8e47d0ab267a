// SPDX-License-Identifier: GPL-2.0

//! The lines and blocks of a configuration of keepalived.

use super::{
    Word,
    Wrong, //
};
use std::ops::Range;

/// A line, and the block that it begins, if it does.
pub(super) struct Node<'a> {
    words: Vec<Word<'a>>,
    inner: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// The first word.
    pub(super) fn name(&self) -> &'a str {
        self.words.first().map_or("", |(_, word)| word)
    }

    /// Where its line is.
    pub(super) fn bytes(&self) -> Range<usize> {
        match (self.words.first(), self.words.last()) {
            (Some((first, _)), Some((last, _))) => first.start..last.end,
            _ => 0..0,
        }
    }

    /// One of its words, counted from 0.
    pub(super) fn word(&self, index: usize) -> Result<Word<'a>, Wrong> {
        let word = self.words.get(index).cloned();
        word.ok_or_else(|| (self.bytes(), "something is missing here".to_owned()))
    }

    /// One of the words behind the first, counted from 0.
    pub(super) fn argument(&self, index: usize) -> Result<Word<'a>, Wrong> {
        self.word(index.saturating_add(1))
    }

    /// Whether there is such a word.
    pub(super) fn has_argument(&self, index: usize) -> bool {
        self.argument(index).is_ok()
    }

    /// The lines of its block.
    pub(super) fn inner(&self) -> &[Node<'a>] {
        &self.inner
    }
}

/// Understands lines and blocks.
pub(super) fn parse(text: &str) -> Result<Vec<Node<'_>>, Wrong> {
    // What is open, the outermost first, each with the lines in it.
    let mut open: Vec<(Node<'_>, Vec<Node<'_>>)> = Vec::new();
    let mut here: Vec<Node<'_>> = Vec::new();
    let mut start = 0usize;
    for line in text.split_inclusive('\n') {
        let mut words = Vec::new();
        for (bytes, word) in line_words(line, start) {
            match word {
                "{" => {
                    let node = match words.is_empty() {
                        // The brace of the line before.
                        true => here.pop(),
                        false => Some(finish(&mut words)),
                    };
                    let node = node.ok_or((bytes, "a block of nothing".to_owned()))?;
                    open.push((node, std::mem::take(&mut here)));
                }
                "}" => {
                    if !words.is_empty() {
                        here.push(finish(&mut words));
                    }
                    let (mut node, around) = open
                        .pop()
                        .ok_or((bytes, "there is no block to end here".to_owned()))?;
                    node.inner = std::mem::replace(&mut here, around);
                    here.push(node);
                }
                _ => words.push((bytes, word)),
            }
        }
        if !words.is_empty() {
            here.push(finish(&mut words));
        }
        start = start.saturating_add(line.len());
    }
    match open.pop() {
        Some((node, _)) => Err((node.bytes(), "this block has no end".to_owned())),
        None => Ok(here),
    }
}

fn finish<'a>(words: &mut Vec<Word<'a>>) -> Node<'a> {
    Node {
        words: std::mem::take(words),
        inner: Vec::new(),
    }
}

/// The words of a line, each brace being one, without a comment.
fn line_words(line: &str, start: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0usize;
    while let Some(rest) = line.get(at..) {
        let Some(first) = rest.chars().next() else {
            break;
        };
        let length = match first {
            '#' | '!' => break,
            '{' | '}' => 1,
            '"' => {
                let inside = rest.get(1..).unwrap_or_default();
                let inside = inside.find(['"', '\n']).unwrap_or(inside.len());
                let word = rest.get(1..inside.saturating_add(1)).unwrap_or_default();
                let begin = start.saturating_add(at).saturating_add(1);
                words.push((begin..begin.saturating_add(word.len()), word));
                at = at.saturating_add(inside).saturating_add(2);
                continue;
            }
            blank if blank.is_whitespace() => {
                at = at.saturating_add(blank.len_utf8());
                continue;
            }
            _ => rest
                .find(|c: char| c.is_whitespace() || matches!(c, '{' | '}'))
                .unwrap_or(rest.len()),
        };
        let word = rest.get(..length).unwrap_or_default();
        let begin = start.saturating_add(at);
        words.push((begin..begin.saturating_add(length), word));
        at = at.saturating_add(length);
    }
    words
}
