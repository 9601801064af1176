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

#define DECLARE_WORK(name, function)	struct work_struct name = { .func = function }

bool schedule_work(struct work_struct *work);

#endif
