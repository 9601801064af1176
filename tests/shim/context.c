// SPDX-License-Identifier: GPL-2.0-only
/* Where the code under test thinks that it runs; what it puts off; what it prints. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include "shim.h"

bool shim_no_smp;
bool shim_in_nmi, shim_in_panic, shim_slab_available;
unsigned int shim_locks_held, shim_warnings;
char shim_last_warning[256];

static struct irq_work *first_irq_work;
static struct work_struct *first_work;

extern int (*const __start_shim_initcalls[])(void);
extern int (*const __stop_shim_initcalls[])(void);

void shim_die(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\nBail out! the code under test must not do that\n");
	fflush(stdout);
	abort();
}

void shim_printk(const char *format, ...)
{
	va_list arguments;

	shim_warnings++;
	va_start(arguments, format);
	vsnprintf(shim_last_warning, sizeof(shim_last_warning), format, arguments);
	va_end(arguments);
}

void mutex_lock(struct mutex *mutex)
{
	if (shim_locks_held)
		shim_die("mutex_lock() sleeps with a spinlock held");
	if (mutex->held)
		shim_die("deadlock: the mutex is held");
	mutex->held = true;
}

void mutex_unlock(struct mutex *mutex)
{
	if (!mutex->held)
		shim_die("mutex_unlock(): the mutex is not held");
	mutex->held = false;
}

bool irq_work_queue(struct irq_work *work)
{
	if (work->pending)
		return false;
	work->pending = true;
	work->next = first_irq_work;
	first_irq_work = work;
	return true;
}

bool queue_work(struct workqueue_struct *queue, struct work_struct *work)
{
	(void)queue;
	/* The real one takes locks that those who register may hold. */
	if (shim_locks_held || shim_in_nmi)
		shim_die("queue_work() is called where it can deadlock");
	if (work->pending)
		return false;
	work->pending = true;
	work->next = first_work;
	first_work = work;
	return true;
}

bool shim_work_pending(void)
{
	return first_irq_work || first_work;
}

void shim_run_work(void)
{
	while (shim_work_pending()) {
		struct irq_work *irq_work = first_irq_work;
		struct work_struct *work = first_work;

		if (irq_work) {
			first_irq_work = irq_work->next;
			irq_work->pending = false;
			irq_work->func(irq_work);
		} else {
			first_work = work->next;
			work->pending = false;
			work->func(work);
		}
	}
}

void shim_run_initcalls(void)
{
	int (*const *initcall)(void);

	for (initcall = __start_shim_initcalls; initcall < __stop_shim_initcalls; initcall++)
		if ((*initcall)())
			shim_die("an initcall failed");
}
