// SPDX-License-Identifier: GPL-2.0

//! Messages in the kernel log.

use kernel::{
    fmt,
    prelude::*, //
};

/// Logs an error of rvs itself. Any context.
pub(crate) fn error(args: fmt::Arguments<'_>) {
    pr_err!("{}", args);
}
