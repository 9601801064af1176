// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that nothing raises: so many that the tree of descriptors grows in height, and then
 * gone here and there, so that its nodes are split, merged and emptied.
 */
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/numa.h>

#define NR_IRQS_ADDED	400

static int first;

static bool is_third(int i)
{
	return i % 3 == 0;
}

static bool is_in_the_middle(int i)
{
	return i >= 100 && i < 200;
}

static int __init lab_irqs_init(void)
{
	int i;

	first = irq_alloc_descs(-1, 1, NR_IRQS_ADDED, NUMA_NO_NODE);
	if (first < 0)
		return first;
	for (i = 0; i < NR_IRQS_ADDED; i++)
		if (is_third(i))
			irq_free_desc(first + i);
	for (i = 0; i < NR_IRQS_ADDED; i++)
		if (is_in_the_middle(i) && !is_third(i))
			irq_free_desc(first + i);
	return 0;
}
module_init(lab_irqs_init);

static void __exit lab_irqs_exit(void)
{
	int i;

	for (i = 0; i < NR_IRQS_ADDED; i++)
		if (!is_third(i) && !is_in_the_middle(i))
			irq_free_desc(first + i);
}
module_exit(lab_irqs_exit);

MODULE_DESCRIPTION("Interrupts that come and go");
MODULE_LICENSE("GPL");
