// SPDX-License-Identifier: GPL-2.0

//! Reads arbitrary text as what `ipvsadm --save` prints, as a whole and as the command lines that it is made
//! of, in both faces. Run it without a network (`unshare --net`): names are looked up.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rvsadm::{
    cli::ipvsadm::{
        parse,
        Face, //
    },
    document::{
        Document,
        Format, //
    }, //
};

fuzz_target!(|text: &str| {
    for line in text.lines() {
        let words: Vec<String> = line.split_ascii_whitespace().map(str::to_owned).collect();
        for face in [Face::Rvsadm, Face::Ipvsadm] {
            if let Err(error) = parse(face, &words) {
                let _ = (face.message(&error), face.code(&error, false));
            }
        }
    }
    let Ok(document) = Document::read(Format::Ipvsadm, "save", text) else {
        return;
    };
    let (written, lost) = document.write(Format::Ipvsadm);
    assert!(lost.is_empty(), "what it read it cannot write: {lost:?}");
    match Document::read(Format::Ipvsadm, "again", &written) {
        Ok(read) => assert_eq!(read, document, "{written}"),
        Err(complaints) => panic!("{complaints}"),
    }
});
