// SPDX-License-Identifier: GPL-2.0

//! The command; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    rvsadm::run(std::env::args_os().collect())
}
