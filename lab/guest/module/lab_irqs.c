// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that nothing raises: so many that the tree of descriptors grows in height, and then
 * gone here and there, so that its nodes are split, merged and emptied.
 */
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/numa.h>

#define NR_IRQS_ADDED	400

static int __init lab_irqs_init(void)
{
	int first = irq_alloc_descs(-1, 1, NR_IRQS_ADDED, NUMA_NO_NODE), i;

	if (first < 0)
		return first;
	for (i = 0; i < NR_IRQS_ADDED; i += 3)
		irq_free_desc(first + i);
	for (i = 100; i < 200; i++)
		if (i % 3)
			irq_free_desc(first + i);
	return 0;
}
module_init(lab_irqs_init);

MODULE_DESCRIPTION("Interrupts that come and go");
MODULE_LICENSE("GPL");
