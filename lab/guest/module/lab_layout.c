// SPDX-License-Identifier: GPL-2.0-only
/*
 * Says where members of the kernel's types are, as its compiler has it: "lab:
 * layout TYPE.MEMBER=OFFSET,SIZE", in bytes. Some kernels of the lab have no
 * debug information.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/mm_types.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/percpu_counter.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#include <linux/xarray.h>

#define SAY(type, member)						\
	pr_info("lab: layout " #type "." #member "=%zu,%zu\n",		\
		offsetof(struct type, member), sizeof_field(struct type, member))

static int __init lab_layout_init(void)
{
	SAY(task_struct, pid);
	SAY(task_struct, stack);
	SAY(task_struct, tasks);
	SAY(irq_desc, irq_data.irq);
	SAY(irqaction, irq);
	SAY(irqaction, name);
	SAY(pglist_data, node_id);
	SAY(pid, numbers[0].nr);
	SAY(xa_node, shift);
	SAY(xa_node, slots);
#ifdef CONFIG_SMP
	SAY(mm_struct, rss_stat[0].counters);
#endif
	SAY(module, name);
	return 0;
}
module_init(lab_layout_init);

static void __exit lab_layout_exit(void)
{
}
module_exit(lab_layout_exit);

MODULE_DESCRIPTION("Says where members of types are");
MODULE_LICENSE("GPL");
