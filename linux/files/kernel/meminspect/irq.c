// SPDX-License-Identifier: GPL-2.0-only
/* Interrupt descriptors and their handlers, which come in numbers. */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "internal.h"

static bool is_wanted(void)
{
	return meminspect_class_followed(MEMINSPECT_CLASS_IRQ);
}

/**
 * meminspect_mark_irq_desc - mark an interrupt descriptor
 * @irq: its number
 * @desc: the descriptor
 *
 * Context: Process context. May sleep.
 */
void meminspect_mark_irq_desc(unsigned int irq, struct irq_desc *desc)
{
	if (!is_wanted())
		return;
	/* A device may want thousands. */
	meminspect_reserve(1);
	meminspect_register_keyed(MEMINSPECT_ID_irq_desc, desc, sizeof(*desc),
				  MEMINSPECT_KEY_INDEX, irq);
}

/**
 * meminspect_unmark_irq_desc - unmark an interrupt descriptor
 * @irq: its number, by which it can still be looked up
 *
 * Context: Any but NMI.
 */
void meminspect_unmark_irq_desc(unsigned int irq)
{
	if (is_wanted())
		meminspect_unregister_va(irq_to_desc(irq),
					 sizeof(struct irq_desc));
}

/* Many network drivers give the name of the interface, which may be renamed. */
static void unmark_name(const struct irqaction *action)
{
	if (action->name)
		meminspect_unregister_at(MEMINSPECT_ID_irqaction_name,
					 (void *)action->name);
}

/*
 * Of two handlers that share a name and come at the same instant, one must not
 * find it marked again. Those who unmark a name may not be able to wait, and
 * need not: it is not marked then.
 */
static DEFINE_MUTEX(name_mutex);

static void mark_name(unsigned int irq, const struct irqaction *action)
{
	if (!action->name)
		return;
	mutex_lock(&name_mutex);
	unmark_name(action);
	meminspect_register_keyed(MEMINSPECT_ID_irqaction_name,
				  (void *)action->name, strlen(action->name) + 1,
				  MEMINSPECT_KEY_INDEX, irq);
	mutex_unlock(&name_mutex);
}

/**
 * meminspect_mark_irqaction - mark a handler of an interrupt, and its name
 * @irq: number of the interrupt
 * @action: the handler
 *
 * Handlers may share a name. It is marked once, for the last of them, and goes
 * with the first that is given up: the others are without a name then, until
 * one of them is set up again.
 *
 * Context: Process context. May sleep.
 */
void meminspect_mark_irqaction(unsigned int irq, struct irqaction *action)
{
	if (!is_wanted())
		return;
	meminspect_reserve(2);
	meminspect_register_keyed(MEMINSPECT_ID_irqaction, action,
				  sizeof(*action), MEMINSPECT_KEY_INDEX, irq);
	mark_name(irq, action);
}

/**
 * meminspect_unmark_irqaction - unmark a handler that is given up
 * @action: the handler
 *
 * Context: Any but NMI.
 */
void meminspect_unmark_irqaction(struct irqaction *action)
{
	if (!is_wanted())
		return;
	unmark_name(action);
	meminspect_unregister_va(action, sizeof(*action));
}
