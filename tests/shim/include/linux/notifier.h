/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_NOTIFIER_H
#define SHIM_LINUX_NOTIFIER_H

struct notifier_block {
	int (*notifier_call)(struct notifier_block *nb, unsigned long event, void *data);
	struct notifier_block *next;
};

struct raw_notifier_head {
	struct notifier_block *head;
};

#define RAW_NOTIFIER_HEAD(name)		struct raw_notifier_head name
#define NOTIFY_DONE			0

int raw_notifier_chain_register(struct raw_notifier_head *chain, struct notifier_block *nb);
int raw_notifier_chain_unregister(struct raw_notifier_head *chain, struct notifier_block *nb);
int raw_notifier_call_chain(struct raw_notifier_head *chain, unsigned long event, void *data);

#endif
