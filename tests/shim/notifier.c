// SPDX-License-Identifier: GPL-2.0-only
/* Notifier chains, without priorities. */
#include <linux/errno.h>
#include <linux/notifier.h>
#include <linux/types.h>

int raw_notifier_chain_register(struct raw_notifier_head *chain, struct notifier_block *nb)
{
	struct notifier_block **link = &chain->head;

	for (; *link; link = &(*link)->next)
		if (*link == nb)
			return -EEXIST;
	nb->next = NULL;
	*link = nb;
	return 0;
}

int raw_notifier_chain_unregister(struct raw_notifier_head *chain, struct notifier_block *nb)
{
	struct notifier_block **link = &chain->head;

	for (; *link; link = &(*link)->next) {
		if (*link == nb) {
			*link = nb->next;
			return 0;
		}
	}
	return -ENOENT;
}

int raw_notifier_call_chain(struct raw_notifier_head *chain, unsigned long event, void *data)
{
	struct notifier_block *nb;

	for (nb = chain->head; nb; nb = nb->next)
		nb->notifier_call(nb, event, data);
	return NOTIFY_DONE;
}
