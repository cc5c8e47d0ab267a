// SPDX-License-Identifier: GPL-2.0
/*
 * Small helpers without state, which the build inlines into every module that is made with
 * the core, see Kbuild; modules made otherwise call them. See helpers.h.
 */
#include <linux/export.h>
#include <linux/jiffies.h>

#include "helpers.h"

/* ------------------------------------------------------------------ locks */

/* Takes the lock; true if this turned bottom halves off, which for a packet they are already. */
bool rvs_helper_spin_lock_bh(spinlock_t *lock)
{
	if (likely(softirq_count())) {
		spin_lock(lock);
		return false;
	}
	spin_lock_bh(lock);
	return true;
}
EXPORT_SYMBOL_GPL(rvs_helper_spin_lock_bh);

void rvs_helper_spin_unlock_bh(spinlock_t *lock, bool bh)
{
	if (likely(!bh))
		spin_unlock(lock);
	else
		spin_unlock_bh(lock);
}
EXPORT_SYMBOL_GPL(rvs_helper_spin_unlock_bh);

/* ----------------------------------------------------------------- memory */

void *rvs_helper_cache_alloc(struct kmem_cache *cache)
{
	return kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
}

/* ------------------------------------------------------------------- time */

/* At most half of the range of a wrapping 32-bit counter. */
u32 rvs_helper_seconds_to_jiffies(u32 seconds)
{
	return min_t(u64, (u64)seconds * HZ, S32_MAX);
}

u32 rvs_helper_jiffies_to_msecs(u32 jiffies)
{
	return jiffies_to_msecs(jiffies);
}
