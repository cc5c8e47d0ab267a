// SPDX-License-Identifier: GPL-2.0

//! Turning a document in a file into another format.

use crate::{
    document::{
        Document,
        Format, //
    },
    error::{
        system_text,
        Error, //
    },
    face,
};
use std::{
    fs,
    io::{
        self,
        Read, //
    },
    path::Path, //
};

/// The document in `file`, written in another format.
pub(super) fn convert(file: &Path, from: Option<Format>, to: Format) -> Result<String, Error> {
    let (name, text) = read(file)?;
    let from = from.unwrap_or_else(|| Format::guess(&text));
    let (document, unread) = Document::read_all(from, &name, &text)
        .map_err(|complaints| Error::usage(complaints.to_string()))?;
    let (text, unwritten) = document.write(to);
    let lost = unread.iter().chain(&unwritten);
    lost.for_each(|what| face::note_lost(what));
    Ok(text)
}

/// The text of a file, and what it is called.
pub(super) fn read(file: &Path) -> Result<(String, String), Error> {
    let (name, text) = if file == Path::new("-") {
        let mut text = String::new();
        let read = io::stdin().lock().read_to_string(&mut text);
        ("standard input".to_owned(), read.map(|_length| text))
    } else {
        (file.display().to_string(), fs::read_to_string(file))
    };
    match text {
        Ok(text) => Ok((name, text)),
        Err(cause) => Err(Error::usage(format!(
            "cannot read {name}: {}",
            system_text(&cause)
        ))),
    }
}
