// SPDX-License-Identifier: GPL-2.0
/*
 * The settings of a namespace as files in /proc/sys/net/rvs; see helpers.h and sysctl.rs.
 */
#include <linux/capability.h>
#include <linux/mutex.h>
#include <linux/sysctl.h>

#include "helpers.h"

/* Writers of settings take turns: conn_max is two numbers. */
static DEFINE_MUTEX(rvs_sysctl_lock);

/*
 * One file: ->data is the value, ->extra1 the namespace, ->extra2 the number of the setting.
 * A value that is written goes through Rust, which checks it.
 */
static int rvs_sysctl_file(const struct ctl_table *table, int write, void *buffer, size_t *len,
			   loff_t *pos)
{
	/* No value that can be written: a write at an offset may contain none. */
	int value = write ? -1 : READ_ONCE(*(int *)table->data);
	const struct ctl_table one = {
		.procname = table->procname,
		.data = &value,
		.maxlen = sizeof(value),
		.mode = table->mode,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_INT_MAX,
	};
	int ret;

	ret = proc_dointvec_minmax(&one, write, buffer, len, pos);
	if (ret || value < 0 || !write)
		return ret;
	mutex_lock(&rvs_sysctl_lock);
	ret = rvs_ns_set(table->extra1, (unsigned long)table->extra2, value,
			 capable(CAP_NET_ADMIN));
	mutex_unlock(&rvs_sysctl_lock);
	return ret;
}

/*
 * Makes the files of @count settings. @names are the names, each ended by a zero byte; @values are
 * part of the namespace's memory.
 */
int rvs_helper_ns_sysctl(struct rvs_namespace *ns, const char *names, u32 *values, u32 count)
{
	struct ctl_table *table;
	u32 i;

	table = kcalloc(count, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		table[i].procname = names;
		table[i].data = &values[i];
		table[i].maxlen = sizeof(*values);
		table[i].mode = 0644;
		table[i].proc_handler = rvs_sysctl_file;
		table[i].extra1 = ns;
		table[i].extra2 = (void *)(unsigned long)i;
		names += strlen(names) + 1;
	}
	ns->sysctl = register_net_sysctl_sz(ns->net, "net/rvs", table, count);
	if (!ns->sysctl) {
		kfree(table);
		return -ENOMEM;
	}
	ns->sysctl_table = table;
	return 0;
}

/*
 * Takes the files away and waits for those who are reading or writing one. A file that stays open
 * answers ENOENT from now on.
 */
void rvs_helper_ns_unsysctl(struct rvs_namespace *ns)
{
	if (!ns->sysctl)
		return;
	unregister_net_sysctl_table(ns->sysctl);
	ns->sysctl = NULL;
	kfree(ns->sysctl_table);
	ns->sysctl_table = NULL;
}
