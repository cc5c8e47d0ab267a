/* SPDX-License-Identifier: GPL-2.0 */
/* What bindgen reads; bindgen_parameters says which of it becomes Rust. */
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include "helpers.h"
#include "netlink_gen.h"
#include "xt.h"
