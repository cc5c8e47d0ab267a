// SPDX-License-Identifier: GPL-2.0

//! Writes the manual pages into a directory: `cargo run --example man -- DIRECTORY`.

use std::{
    fs,
    io,
    path::Path, //
};

fn main() -> io::Result<()> {
    let directory = std::env::args().nth(1);
    let directory = directory.ok_or_else(|| io::Error::other("usage: man DIRECTORY"))?;
    fs::create_dir_all(&directory)?;
    for (name, text) in rvsadm::manual::pages()? {
        fs::write(Path::new(&directory).join(name), text)?;
    }
    Ok(())
}
