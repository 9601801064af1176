/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs when a test calls shim_run_work(). */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/mutex.h>
#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
	bool pending;
	struct work_struct *next;
};

struct workqueue_struct;

#define system_unbound_wq		((struct workqueue_struct *)NULL)
#define DECLARE_WORK(name, function)	struct work_struct name = { .func = function }

bool queue_work(struct workqueue_struct *queue, struct work_struct *work);

#endif
