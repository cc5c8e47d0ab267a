// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink messages for Rust, which writes the attributes itself; see helpers.h.
 */
#include <net/sock.h>

#include "helpers.h"
#include "netlink_gen.h"

struct net *rvs_helper_genl_info_net(const struct genl_info *info)
{
	return genl_info_net(info);
}

/* The family and the command of a dump. */
const struct genl_family *rvs_helper_genl_dump_family(struct netlink_callback *cb, u8 *cmd)
{
	const struct genl_info *info = genl_info_dump(cb);

	*cmd = info->genlhdr->cmd;
	return info->family;
}

struct net *rvs_helper_genl_dump_net(const struct netlink_callback *cb)
{
	return sock_net(cb->skb->sk);
}

/* A reply with its headers; returns where up to @room bytes of attributes go. */
u8 *rvs_helper_genl_reply_new(struct genl_info *info, u8 cmd, u32 size, struct sk_buff **skb,
			      u32 *room)
{
	*skb = genlmsg_new(size, GFP_KERNEL);
	if (!*skb)
		return NULL;
	if (!genlmsg_put_reply(*skb, info, info->family, 0, cmd)) {
		nlmsg_free(*skb);
		return NULL;
	}
	*room = skb_tailroom(*skb);
	return skb_tail_pointer(*skb);
}

/* Completes a reply with @used bytes of attributes and sends it. Consumes it. */
int rvs_helper_genl_reply_send(struct genl_info *info, struct sk_buff *skb, u32 used)
{
	skb_put(skb, used);
	nlmsg_end(skb, nlmsg_hdr(skb));
	return genlmsg_reply(skb, info);
}

/* Whether a socket of the namespace listens to a group of the family. */
bool rvs_helper_genl_has_listeners(struct net *net, u32 group)
{
	return genl_has_listeners(&rvs_nl_family, net, group);
}

/* An event with its headers; returns where up to @room bytes of attributes go. */
u8 *rvs_helper_genl_event_new(u8 cmd, u32 size, struct sk_buff **skb, u32 *room)
{
	*skb = genlmsg_new(size, GFP_KERNEL);
	if (!*skb)
		return NULL;
	if (!genlmsg_put(*skb, 0, 0, &rvs_nl_family, 0, cmd)) {
		nlmsg_free(*skb);
		return NULL;
	}
	*room = skb_tailroom(*skb);
	return skb_tail_pointer(*skb);
}

/* Completes an event with @used bytes of attributes and sends it to the namespace. Consumes it. */
void rvs_helper_genl_event_send(struct net *net, struct sk_buff *skb, u32 used, u32 group)
{
	skb_put(skb, used);
	nlmsg_end(skb, nlmsg_hdr(skb));
	genlmsg_multicast_netns(&rvs_nl_family, net, skb, 0, group, GFP_KERNEL);
}

/* Begins one object of a dump; returns where up to @room bytes of attributes go, NULL if full. */
u8 *rvs_helper_genl_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			       struct nlmsghdr **header, u32 *room)
{
	void *genl;

	genl = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   genl_info_dump(cb)->family, NLM_F_MULTI, cmd);
	if (!genl)
		return NULL;
	*header = genl - GENL_HDRLEN - NLMSG_HDRLEN;
	genl_dump_check_consistent(cb, genl);
	*room = skb_tailroom(skb);
	return skb_tail_pointer(skb);
}

/* Completes the object with @used bytes of attributes, or takes it back if there are none. */
void rvs_helper_genl_dump_end(struct sk_buff *skb, struct nlmsghdr *header, u32 used)
{
	if (!used) {
		nlmsg_trim(skb, header);
		return;
	}
	skb_put(skb, used);
	nlmsg_end(skb, header);
}
