/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs when a test calls shim_run_work(). */
#ifndef SHIM_LINUX_IRQ_WORK_H
#define SHIM_LINUX_IRQ_WORK_H

#include <linux/types.h>

struct irq_work {
	void (*func)(struct irq_work *work);
	bool pending;
	struct irq_work *next;
};

#define DEFINE_IRQ_WORK(name, function) struct irq_work name = { .func = function }

bool irq_work_queue(struct irq_work *work);

#endif
