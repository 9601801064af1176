// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the dying kernel has to say: the capture block, the registers, and
 * which CPUs were running. It takes no lock: a panic comes from anywhere.
 */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/kdebug.h>
#include <linux/meminspect_panic.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "internal.h"

struct pt_regs meminspect_panic_regs;

/* Other CPUs are saved as they are stopped, but only for a panic. */
static bool capturing;

static struct cpumask online_at_panic;
MEMINSPECT_NAMED_ENTRY(cpu_online_at_panic, online_at_panic);

/* The oops that may lead to the panic, with the registers of its cause. */
static struct {
	struct pt_regs regs;
	struct task_struct *task;
	unsigned int cpu;
} last_oops;

static int note_oops(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct die_args *args = data;

	if (event == DIE_OOPS && args->regs && !READ_ONCE(capturing)) {
		last_oops.regs = *args->regs;
		last_oops.task = current;
		last_oops.cpu = raw_smp_processor_id();
	}
	return NOTIFY_DONE;
}

static struct notifier_block oops_notifier = {
	.notifier_call = note_oops,
};

static int __init watch_oopses(void)
{
	return register_die_notifier(&oops_notifier);
}
early_initcall(watch_oopses);

/*
 * An oops that did not end in a panic leaves its record behind: what tells is
 * that the same task is still on the same CPU, and still dying.
 */
static bool oops_led_here(unsigned int cpu)
{
	return last_oops.task == current && last_oops.cpu == cpu &&
	       test_taint(TAINT_DIE);
}

/**
 * meminspect_panic_capture - save what is known of the panic
 * @text: message of the panic
 *
 * Expects the registers of panic() itself in meminspect_panic_regs.
 *
 * Context: panic(), before the other CPUs are stopped.
 */
void meminspect_panic_capture(const char *text)
{
	const struct meminspect_chunk *head = meminspect_get_chunk(0);
	unsigned int cpu = raw_smp_processor_id();
	bool oops = oops_led_here(cpu);
	struct meminspect_capture capture = {
		.reason = oops ? MEMINSPECT_REASON_OOPS : MEMINSPECT_REASON_PANIC,
		.cpu = cpu,
		.realtime = ktime_get_real_fast_ns(),
		.monotonic = ktime_get_mono_fast_ns(),
		.task = (unsigned long)current,
		.pid = task_pid_nr(current),
		.nr_cpus_online = num_online_cpus(),
	};
	void *copies[MEMINSPECT_COPIES];

	/* Too early: there is no directory yet. */
	if (!head)
		return;

	cpumask_copy(&online_at_panic, cpu_online_mask);
	meminspect_clean(&online_at_panic, sizeof(online_at_panic));
	/* Without its own registers a CPU reads as not saved: never as zero. */
	if (oops || meminspect_have_panic_regs)
		meminspect_write_note(cpu, oops ? &last_oops.regs :
						  &meminspect_panic_regs);

	strscpy(capture.comm, current->comm, sizeof(capture.comm));
	strscpy(capture.text, text, sizeof(capture.text));
	copies[0] = head->copy[0] + MEMINSPECT_CAPTURE_OFFSET;
	copies[1] = head->copy[1] + MEMINSPECT_CAPTURE_OFFSET;
	meminspect_write_record(copies, &capture, sizeof(capture));

	/* Pairs with the look at it on the CPUs that are stopped next. */
	smp_wmb();
	WRITE_ONCE(capturing, true);
}

/**
 * meminspect_save_cpu - save the registers of a CPU that a panic stops
 * @regs: what the CPU was doing; may be NULL
 *
 * Context: The CPU's stop handler; any, NMI included.
 */
void meminspect_save_cpu(struct pt_regs *regs)
{
	if (READ_ONCE(capturing) && regs)
		meminspect_write_note(raw_smp_processor_id(), regs);
}
