// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of interrupts that share a name, set up one after the other and at the same instant. */
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irqdesc.h>
#include <linux/mutex.h>
#include <setjmp.h>
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"
#include "tap.h"

static const char name[] = "shared";
static struct irqaction first = { name }, second = { name };

/* The rest of meminspect, as far as irq.c sees it: the names and handlers that are marked. */
static const void *marked[4];
static unsigned int nr_refused, name_of;
static void (*on_unmarked)(void);

bool meminspect_class_followed(enum meminspect_class class)
{
	return class == MEMINSPECT_CLASS_IRQ;
}

int meminspect_reserve(unsigned int nr_rows)
{
	return 0;
}

struct irq_desc *irq_to_desc(unsigned int irq)
{
	return NULL;
}

static const void **place_of(const void *va)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(marked); i++)
		if (marked[i] == va)
			return &marked[i];
	return NULL;
}

s64 meminspect_register_owned(const struct inspect_entry *want, struct module *owner)
{
	if (place_of(want->va)) {
		nr_refused++;
		return -EEXIST;
	}
	*place_of(NULL) = want->va;
	if (want->va == name)
		name_of = want->key;
	return 0;
}

int meminspect_unregister_va(void *va, size_t size)
{
	const void **place = place_of(va);

	if (!place)
		return -ENOENT;
	*place = NULL;
	return 0;
}

int meminspect_unregister_at(enum meminspect_uid id, void *va)
{
	void (*then)(void) = on_unmarked;
	int error = meminspect_unregister_va(va, 0);

	on_unmarked = NULL;
	if (then)
		then();
	return error;
}

static jmp_buf waits;
static bool has_to_wait;

static void wait_for_first(void)
{
	longjmp(waits, 1);
}

/* On another CPU, when the first has made room for the name, and has not marked it yet */
static void second_comes(void)
{
	shim_on_wait = wait_for_first;
	if (setjmp(waits))
		has_to_wait = true;
	else
		meminspect_mark_irqaction(2, &second);
	shim_on_wait = NULL;
}

int main(void)
{
	meminspect_mark_irqaction(1, &first);
	meminspect_mark_irqaction(2, &second);
	ok(place_of(&first) && place_of(&second) && place_of(name) && name_of == 2 && !nr_refused,
	   "two handlers are marked, their name for the last");
	meminspect_unmark_irqaction(&first);
	ok(!place_of(&first) && place_of(&second) && !place_of(name), "it goes with the first that goes");
	meminspect_unmark_irqaction(&second);

	on_unmarked = second_comes;
	meminspect_mark_irqaction(1, &first);
	on_unmarked = NULL;
	if (has_to_wait) {
		/* It had marked the handler. */
		meminspect_unregister_va(&second, sizeof(second));
		meminspect_mark_irqaction(2, &second);
	}
	ok(place_of(&first) && place_of(&second) && place_of(name), "both come at the same instant");
	is_number(nr_refused, 0, "none is refused");
	on_unmarked = second_comes;
	has_to_wait = false;
	meminspect_unmark_irqaction(&first);
	ok(!has_to_wait, "who unmarks keeps nobody waiting");
	first.name = NULL;
	meminspect_mark_irqaction(1, &first);
	meminspect_unmark_irqaction(&first);
	ok(!place_of(&first), "a handler may have no name");
	return done_testing();
}
