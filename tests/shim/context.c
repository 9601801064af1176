// SPDX-License-Identifier: GPL-2.0-only
/* Where the code under test thinks that it runs; what it puts off; what it prints. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/errno.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"

bool shim_no_smp;
bool shim_locked_down;
bool shim_in_nmi, shim_in_panic, shim_slab_available;
unsigned int shim_locks_held, shim_warnings;
char shim_last_warning[256];

unsigned long shim_steps;

static struct irq_work *first_irq_work;
static struct work_struct *first_work;

/* The linker defines these if there are any. */
extern int (*const __start_shim_initcalls[])(void) __attribute__((weak));
extern int (*const __stop_shim_initcalls[])(void) __attribute__((weak));
extern const struct shim_parameter __start_shim_parameters[] __attribute__((weak));
extern const struct shim_parameter __stop_shim_parameters[] __attribute__((weak));

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

void (*shim_on_wait)(void);

void mutex_lock(struct mutex *mutex)
{
	if (shim_locks_held)
		shim_die("mutex_lock() sleeps with a spinlock held");
	if (mutex->held && shim_on_wait)
		shim_on_wait();
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

bool schedule_work(struct work_struct *work)
{
	/* The real one takes locks that those who register may hold. */
	if (shim_locks_held || shim_in_nmi)
		shim_die("schedule_work() is called where it can deadlock");
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

void shim_boot_parameter(const char *name, const char *value)
{
	const struct shim_parameter *parameter;
	char *text = value ? strdup(value) : NULL;

	for (parameter = __start_shim_parameters; parameter < __stop_shim_parameters; parameter++) {
		if (strcmp(parameter->name, name))
			continue;
		parameter->parse(text);
		free(text);
		return;
	}
	shim_die("nobody parses %s=", name);
}

int kstrtou64(const char *text, unsigned int base, u64 *number)
{
	char *end;

	/* The kernel's takes one newline at the end, and a plus sign, but neither spaces nor minus. */
	if (!(*text >= '0' && *text <= '9'))
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, &end, base);
	if (errno)
		return -ERANGE;
	return *end ? -EINVAL : 0;
}

unsigned long long memparse(const char *text, char **end)
{
	static const char suffixes[] = "kmgtpe";
	unsigned long long number = 0;
	const char *suffix;

	*end = (char *)text;
	if (!(*text >= '0' && *text <= '9'))
		return 0;
	number = strtoull(text, end, 0);
	suffix = **end ? strchr(suffixes, **end | 0x20) : NULL;
	if (suffix) {
		number <<= 10 * (suffix - suffixes + 1);
		(*end)++;
	}
	return number;
}

struct module *shim_module_going;

/* The real one is in modules.c, which asks the module loader. */
bool meminspect_is_going(struct module *owner)
{
	return owner && owner == shim_module_going;
}
