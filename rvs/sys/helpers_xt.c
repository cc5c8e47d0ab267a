// SPDX-License-Identifier: GPL-2.0
/*
 * What rvs_xt.ko calls; see xt.rs.
 */
#include <linux/export.h>

#include "xt.h"

EXPORT_SYMBOL_GPL(rvs_xt_match);
