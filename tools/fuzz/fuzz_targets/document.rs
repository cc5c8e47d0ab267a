// SPDX-License-Identifier: GPL-2.0

//! Reads arbitrary configuration files, TOML or JSON as the first byte says. What can be read is written
//! in every format, and read again the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rvsadm::document::{
    Document,
    Format, //
};

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let format = match choice & 1 {
        0 => Format::Toml,
        _ => Format::Json,
    };
    let _ = Format::guess(text);
    match Document::read(format, "file", text) {
        Err(complaints) => assert!(!complaints.to_string().is_empty()),
        Ok(document) => {
            for format in [Format::Toml, Format::Json, Format::Ipvsadm] {
                again(&document, format);
            }
        }
    }
});

/// Written and read again it is the same, unless the format cannot say all of it, which it admits.
fn again(document: &Document, format: Format) {
    let (text, lost) = document.write(format);
    if !lost.is_empty() {
        assert_eq!(format, Format::Ipvsadm);
        return;
    }
    match Document::read(format, "again", &text) {
        Ok(read) => assert_eq!(&read, document, "{text}"),
        Err(complaints) => panic!("{complaints}"),
    }
}
