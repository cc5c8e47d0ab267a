// SPDX-License-Identifier: GPL-2.0

//! The manual pages in Documentation/man are those of the present command line.

use std::{
    collections::BTreeMap,
    fs,
    path::Path, //
};

#[test]
fn pages_are_current() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Documentation/man");
    let mut present = BTreeMap::new();
    for entry in fs::read_dir(&directory).expect("Documentation/man") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        present.insert(name, fs::read_to_string(&path).expect("a page"));
    }
    let wanted: BTreeMap<_, _> = rvsadm::manual::pages()
        .expect("pages")
        .into_iter()
        .collect();
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&present), names(&wanted));
    for (name, text) in wanted {
        assert!(
            present[&name] == text,
            "{name} is out of date; run: cargo run --example man -- Documentation/man"
        );
    }
}
