// SPDX-License-Identifier: GPL-2.0
/*
 * Exports the Rust symbols of the core to the schedulers and the other modules on
 * top of it, as rust/exports.c does for the kernel crate. The list is made from
 * the compiled core, see Kbuild. Being C, the symbols are declared as int.
 */

#include <linux/export.h>

#define EXPORT_SYMBOL_RUST_GPL(sym) extern int sym; EXPORT_SYMBOL_GPL(sym)

#include "exports_generated.h"
