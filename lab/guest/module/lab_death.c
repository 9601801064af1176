// SPDX-License-Identifier: GPL-2.0-only
/*
 * A BUG in a hard interrupt, and one that does not end. LKDTM cannot do it: its crash points are kprobes,
 * whose handlers run in the exception of their breakpoint, which on x86 counts as an NMI.
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>

#include "lab_timer.h"

static struct hrtimer lab_death_timer, lab_death_hang_timer;

static enum hrtimer_restart lab_death_expire(struct hrtimer *timer)
{
	BUG();
}

/* Only where it interrupts the idle task: that no task is to blame makes it hard to find */
static enum hrtimer_restart lab_death_hang(struct hrtimer *timer)
{
	if (!is_idle_task(current)) {
		hrtimer_forward_now(timer, NSEC_PER_MSEC);
		return HRTIMER_RESTART;
	}
	for (;;)
		cpu_relax();
}

static int lab_death_set(const char *value, const struct kernel_param *parameter)
{
	/* On the CPU of who writes */
	hrtimer_start(parameter->arg, NSEC_PER_MSEC, HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

static const struct kernel_param_ops lab_death_ops = {
	.set = lab_death_set,
};
module_param_cb(irq_bug, &lab_death_ops, &lab_death_timer, 0200);
MODULE_PARM_DESC(irq_bug, "anything written runs into a BUG in a hard interrupt");
module_param_cb(irq_hang, &lab_death_ops, &lab_death_hang_timer, 0200);
MODULE_PARM_DESC(irq_hang, "anything written hangs the CPU in a hard interrupt when it idles");

static int __init lab_death_init(void)
{
	hrtimer_setup(&lab_death_timer, lab_death_expire, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_setup(&lab_death_hang_timer, lab_death_hang, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}
module_init(lab_death_init);

static void __exit lab_death_exit(void)
{
	hrtimer_cancel(&lab_death_timer);
	hrtimer_cancel(&lab_death_hang_timer);
}
module_exit(lab_death_exit);

MODULE_DESCRIPTION("Death of a lab machine in a hard interrupt");
MODULE_LICENSE("GPL");
