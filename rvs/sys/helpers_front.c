// SPDX-License-Identifier: GPL-2.0
/*
 * Files of a front end in each network namespace: those in /proc/net, and settings in
 * /proc/sys/net; see helpers.h and front.rs.
 */
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/sysctl.h>
#include <linux/user_namespace.h>
#include <net/netns/generic.h>

#include "helpers.h"

/* What the front end has in a namespace. */
struct rvs_front_ns {
	struct net *net;
	struct ctl_table_header *header;
	struct ctl_table *table;
	cpumask_var_t cpus;		/* of settings of that kind; there is one */
	bool cpus_written;
	u32 files;			/* how many there are */
	struct rvs_front_value {
		int number[2];
		unsigned long word;
	} values[];
};

/* The only front end there can be; set before the namespaces are, and until they are left. */
static const struct rvs_front_file *rvs_front_files;
static const struct rvs_front_setting *rvs_front_settings;
static u32 rvs_front_file_count, rvs_front_setting_count;
static unsigned int rvs_front_id __read_mostly;
/* Writers of settings take turns. */
static DEFINE_MUTEX(rvs_front_lock);

/* ---------------------------------------------------------------- /proc/net */

/* Where a reader of a file is: ->at is the piece that is shown, ->next the one after it. */
struct rvs_front_reader {
	struct seq_net_private p;	/* the first, for seq_file_net() */
	u64 at[2];
	u64 next[2];
	bool more;
};

static void *rvs_front_start(struct seq_file *m, loff_t *pos)
{
	struct rvs_front_reader *reader = m->private;

	if (*pos == 0) {
		reader->at[0] = reader->at[1] = 0;
		reader->more = true;
	}
	return reader->more ? reader : NULL;
}

static void *rvs_front_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct rvs_front_reader *reader = m->private;

	++*pos;
	reader->at[0] = reader->next[0];
	reader->at[1] = reader->next[1];
	return reader->more ? reader : NULL;
}

static void rvs_front_stop(struct seq_file *m, void *v)
{
}

/* May be called again for the same piece, when the buffer was too small for it. */
static int rvs_front_show_piece(struct seq_file *m, void *v)
{
	struct rvs_front_reader *reader = m->private;

	reader->next[0] = reader->at[0];
	reader->next[1] = reader->at[1];
	reader->more = rvs_front_show(pde_data(file_inode(m->file)), seq_file_net(m), m,
				      reader->next);
	return 0;
}

static const struct seq_operations rvs_front_seq = {
	.start = rvs_front_start,
	.next = rvs_front_next,
	.stop = rvs_front_stop,
	.show = rvs_front_show_piece,
};

void rvs_helper_front_write(struct seq_file *m, const char *text, size_t len)
{
	seq_write(m, text, len);
}

static void rvs_front_remove_files(struct rvs_front_ns *ns)
{
	while (ns->files)
		remove_proc_entry(rvs_front_files[--ns->files].name, ns->net->proc_net);
}

static int rvs_front_make_files(struct rvs_front_ns *ns)
{
	const struct rvs_front_file *file;

	for (; ns->files < rvs_front_file_count; ns->files++) {
		file = &rvs_front_files[ns->files];
		if (!proc_create_net_data(file->name, file->mode, ns->net->proc_net,
					  &rvs_front_seq, sizeof(struct rvs_front_reader),
					  (void *)file))
			return -ENOMEM;
	}
	return 0;
}

/* ---------------------------------------------------------------- /proc/sys */

static u32 rvs_front_index(const struct ctl_table *table)
{
	return (unsigned long)table->extra2;
}

/* One number or two; Rust checks what is written, and may do something with it. */
static int rvs_front_numbers(const struct ctl_table *table, int write, void *buffer, size_t *len,
			     loff_t *pos)
{
	struct rvs_front_ns *ns = table->extra1;
	u32 index = rvs_front_index(table);
	struct rvs_front_value *value = &ns->values[index];
	int number[2], ret;
	const struct ctl_table some = {
		.procname = table->procname,
		.data = number,
		.maxlen = table->maxlen,
		.mode = table->mode,
	};

	mutex_lock(&rvs_front_lock);
	memcpy(number, value->number, sizeof(number));
	rvs_front_get(ns->net, index, number);
	ret = proc_dointvec(&some, write, buffer, len, pos);
	if (!ret && write) {
		ret = rvs_front_set(ns->net, index, number, capable(CAP_NET_ADMIN));
		if (!ret)
			memcpy(value->number, number, sizeof(number));
	}
	mutex_unlock(&rvs_front_lock);
	return ret;
}

static int rvs_front_word(const struct ctl_table *table, int write, void *buffer, size_t *len,
			  loff_t *pos)
{
	return proc_doulongvec_minmax(table, write, buffer, len, pos);
}

/* The list that was written, of CPUs that the writer may use; before that, where threads may run. */
static int rvs_front_cpus(const struct ctl_table *table, int write, void *buffer, size_t *len,
			  loff_t *pos)
{
	struct rvs_front_ns *ns = table->extra1;
	cpumask_var_t mask;
	int ret = 0;

	if (*pos || !*len) {
		*len = 0;
		return 0;
	}
	if (write) {
		if (!zalloc_cpumask_var(&mask, GFP_KERNEL))
			return -ENOMEM;
		ret = cpulist_parse(buffer, mask);
		if (!ret) {
			mutex_lock(&rvs_front_lock);
			cpumask_and(ns->cpus, mask, &current->cpus_mask);
			ns->cpus_written = true;
			mutex_unlock(&rvs_front_lock);
		}
		free_cpumask_var(mask);
	} else {
		mutex_lock(&rvs_front_lock);
		rcu_read_lock();
		/* The caller's buffer has room for one byte more. */
		*len = scnprintf(buffer, *len + 1, "%*pbl\n", cpumask_pr_args(
			ns->cpus_written ? ns->cpus : housekeeping_cpumask(HK_TYPE_KTHREAD)));
		rcu_read_unlock();
		mutex_unlock(&rvs_front_lock);
	}
	if (!ret)
		*pos += *len;
	return ret;
}

static void rvs_front_make_setting(struct rvs_front_ns *ns, u32 index)
{
	const struct rvs_front_setting *setting = &rvs_front_settings[index];
	struct ctl_table *table = &ns->table[index];
	struct rvs_front_value *value = &ns->values[index];

	table->procname = setting->name;
	table->mode = setting->initial_only && ns->net->user_ns != &init_user_ns ? 0444 : 0644;
	table->extra1 = ns;
	table->extra2 = (void *)(unsigned long)index;
	table->data = value->number;
	table->maxlen = sizeof(int);
	table->proc_handler = rvs_front_numbers;
	rvs_front_begin(index, net_eq(ns->net, &init_net), value->number);
	switch (setting->kind) {
	case RVS_FRONT_PAIR:
		table->maxlen = 2 * sizeof(int);
		break;
	case RVS_FRONT_WORD:
		value->word = nr_free_buffer_pages() / 32;
		table->data = &value->word;
		table->maxlen = sizeof(unsigned long);
		/* Without limits; the two pointers would be taken for them. */
		table->extra1 = NULL;
		table->extra2 = NULL;
		table->proc_handler = rvs_front_word;
		break;
	case RVS_FRONT_CPUS:
		table->proc_handler = rvs_front_cpus;
		break;
	default:
		break;
	}
}

static int rvs_front_make_settings(struct rvs_front_ns *ns)
{
	u32 index;

	ns->table = kcalloc(rvs_front_setting_count, sizeof(*ns->table), GFP_KERNEL);
	if (!ns->table)
		return -ENOMEM;
	for (index = 0; index < rvs_front_setting_count; index++)
		rvs_front_make_setting(ns, index);
	ns->header = register_net_sysctl_sz(ns->net, "net/ipv4/vs", ns->table,
					    rvs_front_setting_count);
	return ns->header ? 0 : -ENOMEM;
}

/* -------------------------------------------------------------- namespaces */

static struct rvs_front_ns *rvs_front_of(const struct net *net)
{
	return *(struct rvs_front_ns **)net_generic(net, rvs_front_id);
}

static void rvs_front_leave(struct rvs_front_ns *ns)
{
	if (ns->header)
		unregister_net_sysctl_table(ns->header);
	rvs_front_remove_files(ns);
	kfree(ns->table);
	free_cpumask_var(ns->cpus);
	kfree(ns);
}

static int __net_init rvs_front_net_init(struct net *net)
{
	struct rvs_front_ns *ns;
	int ret;

	ns = kzalloc(struct_size(ns, values, rvs_front_setting_count), GFP_KERNEL);
	if (!ns)
		return -ENOMEM;
	ns->net = net;
	ret = zalloc_cpumask_var(&ns->cpus, GFP_KERNEL) ? 0 : -ENOMEM;
	if (!ret)
		ret = rvs_front_make_files(ns);
	if (!ret)
		ret = rvs_front_make_settings(ns);
	if (ret) {
		rvs_front_leave(ns);
		return ret;
	}
	*(struct rvs_front_ns **)net_generic(net, rvs_front_id) = ns;
	return 0;
}

static void __net_exit rvs_front_net_exit(struct net *net)
{
	rvs_front_leave(rvs_front_of(net));
}

static struct pernet_operations rvs_front_ops = {
	.init = rvs_front_net_init,
	.exit = rvs_front_net_exit,
	.id = &rvs_front_id,
	.size = sizeof(struct rvs_front_ns *),
};

/* Makes the files in all namespaces, those to come included. Process context. */
int rvs_helper_front_register(const struct rvs_front_file *files, u32 file_count,
			      const struct rvs_front_setting *settings, u32 setting_count)
{
	rvs_front_files = files;
	rvs_front_file_count = file_count;
	rvs_front_settings = settings;
	rvs_front_setting_count = setting_count;
	return register_pernet_subsys(&rvs_front_ops);
}

/* Takes the files away. Waits for whoever is reading or writing one. */
void rvs_helper_front_unregister(void)
{
	unregister_pernet_subsys(&rvs_front_ops);
}

/* The number of a setting that was written last. */
int rvs_helper_front_number(const struct net *net, u32 index)
{
	return READ_ONCE(rvs_front_of(net)->values[index].number[0]);
}
