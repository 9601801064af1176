// SPDX-License-Identifier: GPL-2.0-only
/* Interrupt descriptors, which come in numbers. */
#include <linux/irq.h>
#include <linux/irqdesc.h>

#include "internal.h"

/**
 * meminspect_mark_irq_desc - mark an interrupt descriptor
 * @irq: its number
 * @desc: the descriptor
 *
 * meminspect_unregister_va() unmarks it.
 *
 * Context: Process context. May sleep.
 */
void meminspect_mark_irq_desc(unsigned int irq, struct irq_desc *desc)
{
	if (!meminspect_class_enabled(MEMINSPECT_CLASS_IRQ))
		return;
	/* A device may want thousands. */
	meminspect_reserve(1);
	meminspect_register_keyed(MEMINSPECT_ID_irq_desc, desc, sizeof(*desc),
				  MEMINSPECT_KEY_INDEX, irq);
}
