// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options of IPv4 for a front end; see helpers.h and sockopt.rs.
 */
#include <linux/capability.h>
#include <linux/netfilter.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "helpers.h"

/* No option takes more as a question or to be set. */
#define RVS_SOCKOPT_MAX 128

static int rvs_sockopt_base;

/* How many bytes of an option to read; negative if it is nobody's. */
static int rvs_sockopt_bytes(const struct sock *sk, int option, bool set)
{
	int len;

	if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (option < rvs_sockopt_base)
		return -EINVAL;
	len = rvs_sockopt_length(option - rvs_sockopt_base, set);
	return len < 0 || len > RVS_SOCKOPT_MAX ? -EINVAL : len;
}

static int rvs_sockopt_setter(struct sock *sk, int option, sockptr_t arg, unsigned int len)
{
	int want = rvs_sockopt_bytes(sk, option, true);
	u8 bytes[RVS_SOCKOPT_MAX];

	if (want < 0)
		return want;
	if (len != want)
		return -EINVAL;
	if (copy_from_sockptr(bytes, arg, want))
		return -EFAULT;
	return rvs_sockopt_set(sock_net(sk), option - rvs_sockopt_base, bytes, want);
}

static int rvs_sockopt_getter(struct sock *sk, int option, void __user *user, int *len)
{
	int want = rvs_sockopt_bytes(sk, option, false);
	u8 bytes[RVS_SOCKOPT_MAX];

	if (want < 0)
		return want;
	if (*len < want)
		return -EINVAL;
	if (copy_from_user(bytes, user, want))
		return -EFAULT;
	return rvs_sockopt_get(sock_net(sk), option - rvs_sockopt_base, bytes, want,
			       (void __force *)user, len);
}

static struct nf_sockopt_ops rvs_sockopts = {
	.pf = PF_INET,
	.set = rvs_sockopt_setter,
	.get = rvs_sockopt_getter,
};

/* Makes the options from @base to before the ends known; one user at a time. */
int rvs_helper_sockopt_register(struct module *owner, int base, int set_end, int get_end)
{
	rvs_sockopt_base = base;
	rvs_sockopts.owner = owner;
	rvs_sockopts.set_optmin = base;
	rvs_sockopts.set_optmax = set_end;
	rvs_sockopts.get_optmin = base;
	rvs_sockopts.get_optmax = get_end;
	return nf_register_sockopt(&rvs_sockopts);
}

void rvs_helper_sockopt_unregister(void)
{
	nf_unregister_sockopt(&rvs_sockopts);
}

/* Copies @len bytes to @offset of a buffer in userspace; whether it is there. */
bool rvs_helper_sockopt_write(void *user, u32 offset, const u8 *bytes, u32 len)
{
	return !copy_to_user((void __force __user *)user + offset, bytes, len);
}
