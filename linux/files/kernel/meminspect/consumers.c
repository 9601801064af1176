// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consumers: code that gets regions out of the machine. It learns where the
 * kernel keeps what it does not export, so modules need to be on a list, and
 * to import a namespace.
 */
#include <linux/cache.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/meminspect_namespace.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "internal.h"

/* The table lock protects it. */
static RAW_NOTIFIER_HEAD(consumers);

/* Names of modules, with commas in between. */
static char allowed[256] __ro_after_init = CONFIG_MEMINSPECT_CONSUMERS;

static int __init parse_consumers(char *names)
{
	if (names && strscpy(allowed, names, sizeof(allowed)) < 0) {
		pr_err("meminspect: list of consumers is too long: none is allowed\n");
		*allowed = '\0';
	}
	return 0;
}
early_param("meminspect_consumers", parse_consumers);

/* In module names, - and _ are the same. */
static bool same_name(const char *listed, size_t length, const char *name)
{
	size_t i;

	for (i = 0; i < length && name[i]; i++)
		if (listed[i] != name[i] && !(listed[i] == '-' && name[i] == '_'))
			return false;
	return i == length && !name[i];
}

static bool __maybe_unused is_listed(const char *name)
{
	const char *listed = allowed;
	size_t length;

	for (; *listed; listed += length + !!listed[length]) {
		length = strcspn(listed, ",");
		if (same_name(listed, length, name))
			return true;
	}
	return false;
}

/**
 * meminspect_may_consume - whether a caller may learn where regions are
 * @caller: its module; NULL for built-in code, which has the addresses anyway
 *
 * Context: Any.
 *
 * Return: true if it may.
 */
bool meminspect_may_consume(const struct module *caller)
{
#ifdef CONFIG_MODULES
	if (caller && !is_listed(caller->name)) {
		/* A module may ask from anywhere. */
		printk_deferred_once(KERN_WARNING "meminspect: module %s is no consumer: it is not in meminspect_consumers=\n",
				     caller->name);
		return false;
	}
#endif
	return true;
}

/**
 * __meminspect_traverse - look at all regions
 * @priv: passed on to @cb
 * @cb: called for each region
 * @caller: the caller's module, NULL for built-in code
 *
 * Callers use meminspect_traverse(), which knows the module.
 *
 * Context: As meminspect_traverse().
 *
 * Return: As meminspect_traverse().
 */
int __meminspect_traverse(void *priv, meminspect_iter_cb_t cb,
			  const struct module *caller)
{
	unsigned long flags;

	if (!meminspect_may_consume(caller))
		return -EPERM;
	if (meminspect_table_trylock(&flags)) {
		meminspect_visit(cb, priv);
		meminspect_table_release(flags);
	} else if (panic_in_progress()) {
		meminspect_visit(cb, priv);
	} else {
		return -EBUSY;
	}
	return 0;
}
EXPORT_SYMBOL_NS_GPL(__meminspect_traverse, MEMINSPECT_NAMESPACE);

/**
 * meminspect_next_extent - go on to the next physically contiguous run of a region
 * @entry: as given to a callback or notifier, which is still running
 * @extents: where one is; all of it is 0 before the first
 *
 * Context: A callback of meminspect_traverse() or a notifier.
 *
 * Return: false behind the last.
 */
bool meminspect_next_extent(const struct inspect_entry *entry,
			    struct meminspect_extents *extents)
{
	const struct meminspect_extent_node *node;

	if (!extents->slot) {
		extents->slot = container_of(entry, struct meminspect_slot, entry);
		extents->nr_extents = entry->nr_extents;
		extents->va = entry->va;
	} else if (extents->va) {
		extents->va += extents->length;
	}
	node = meminspect_next_node(extents);
	if (!node)
		return false;
	extents->pa = node->first;
	extents->length = node->last - node->first + 1;
	return true;
}
EXPORT_SYMBOL_NS_GPL(meminspect_next_extent, MEMINSPECT_NAMESPACE);

static void announce(void *priv, const struct inspect_entry *entry)
{
	struct notifier_block *nb = priv;

	nb->notifier_call(nb, MEMINSPECT_NOTIFIER_ADD, (void *)entry);
}

/**
 * __meminspect_notifier_register - be told of regions that come and go
 * @nb: notifier; its data is a const struct inspect_entry
 * @caller: the caller's module, NULL for built-in code
 *
 * Callers use meminspect_notifier_register(), which knows the module.
 *
 * Context: As meminspect_notifier_register().
 *
 * Return: As meminspect_notifier_register().
 */
int __meminspect_notifier_register(struct notifier_block *nb,
				   const struct module *caller)
{
	unsigned long flags;
	int ret;

	if (!meminspect_may_consume(caller))
		return -EPERM;
	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	ret = raw_notifier_chain_register(&consumers, nb);
	if (!ret)
		meminspect_visit(announce, nb);
	meminspect_table_release(flags);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(__meminspect_notifier_register, MEMINSPECT_NAMESPACE);

/**
 * meminspect_notifier_unregister - no longer be told
 * @nb: notifier; it is not called any more when this returns
 *
 * Context: Process context.
 *
 * Return: 0, -ENOENT if @nb is not registered, or -EBUSY in a panic.
 */
int meminspect_notifier_unregister(struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	ret = raw_notifier_chain_unregister(&consumers, nb);
	meminspect_table_release(flags);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(meminspect_notifier_unregister, MEMINSPECT_NAMESPACE);

/**
 * meminspect_tell_consumers - a region comes or goes
 * @event: MEMINSPECT_NOTIFIER_ADD or MEMINSPECT_NOTIFIER_REMOVE
 * @slot: its slot
 *
 * Context: Any. The caller holds the table lock.
 */
void meminspect_tell_consumers(unsigned long event, struct meminspect_slot *slot)
{
	raw_notifier_call_chain(&consumers, event, &slot->entry);
}

/**
 * meminspect_tell_of_denial - memory is denied from now on
 *
 * Consumers are not told which.
 *
 * Context: Any. The caller holds the table lock.
 */
void meminspect_tell_of_denial(void)
{
	/* For those that look at an entry whatever the event is. */
	static struct inspect_entry nothing = { .name = "" };

	raw_notifier_call_chain(&consumers, MEMINSPECT_NOTIFIER_DENY, &nothing);
}
