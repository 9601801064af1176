// SPDX-License-Identifier: GPL-2.0-only
/*
 * A BUG in a hard interrupt. LKDTM cannot do it: its crash points are kprobes, whose handlers run in
 * the exception of their breakpoint, which on x86 counts as an NMI.
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "lab_timer.h"

static struct hrtimer lab_death_timer;

static enum hrtimer_restart lab_death_expire(struct hrtimer *timer)
{
	BUG();
}

static int lab_death_set(const char *value, const struct kernel_param *parameter)
{
	hrtimer_start(&lab_death_timer, NSEC_PER_MSEC, HRTIMER_MODE_REL_HARD);
	return 0;
}

static const struct kernel_param_ops lab_death_ops = {
	.set = lab_death_set,
};
module_param_cb(irq_bug, &lab_death_ops, NULL, 0200);
MODULE_PARM_DESC(irq_bug, "anything written runs into a BUG in a hard interrupt");

static int __init lab_death_init(void)
{
	hrtimer_setup(&lab_death_timer, lab_death_expire, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	return 0;
}
module_init(lab_death_init);

static void __exit lab_death_exit(void)
{
	hrtimer_cancel(&lab_death_timer);
}
module_exit(lab_death_exit);

MODULE_DESCRIPTION("Death of a lab machine in a hard interrupt");
MODULE_LICENSE("GPL");
