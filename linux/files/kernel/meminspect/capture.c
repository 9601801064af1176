// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the dying kernel has to say: the capture block, the registers, and
 * which CPUs were running. It takes no lock: a panic comes from anywhere.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/kdebug.h>
#include <linux/meminspect_panic.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "internal.h"

struct pt_regs meminspect_panic_regs;

static struct cpumask online_at_panic;
MEMINSPECT_NAMED_ENTRY(cpu_online_at_panic, online_at_panic);

/* The last oops on a CPU, which may lead to the panic. */
struct oops_record {
	struct pt_regs regs;
	struct task_struct *task;
	u64 task_start;
};

static DEFINE_PER_CPU(struct oops_record, last_oops);

static int note_oops(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct die_args *args = data;
	struct oops_record *oops = this_cpu_ptr(&last_oops);

	if (event == DIE_OOPS && args->regs) {
		oops->regs = *args->regs;
		oops->task = current;
		oops->task_start = current->start_boottime;
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
 * An oops that did not end in a panic leaves its record behind. A task that
 * panics after its own oops never ran anything else: a later task that has the
 * same address started later.
 */
static const struct pt_regs *regs_of_cause(void)
{
	const struct oops_record *oops = this_cpu_ptr(&last_oops);

	if (oops->task == current && oops->task_start == current->start_boottime)
		return &oops->regs;
	return NULL;
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
	static atomic_t first_cpu = ATOMIC_INIT(-1);
	const struct meminspect_chunk *head = meminspect_get_chunk(0);
	const struct pt_regs *regs = regs_of_cause();
	int cpu = raw_smp_processor_id();
	struct meminspect_capture capture = {
		.reason = regs ? MEMINSPECT_REASON_OOPS : MEMINSPECT_REASON_PANIC,
		.cpu = cpu,
		.realtime = ktime_get_real_fast_ns(),
		.monotonic = ktime_get_mono_fast_ns(),
		.task = (unsigned long)current,
		.pid = task_pid_nr(current),
		.nr_cpus_online = num_online_cpus(),
	};
	void *copies[MEMINSPECT_COPIES];
	int old_cpu;

	/* What a panic runs into further on must not hide what it came from. */
	old_cpu = atomic_cmpxchg(&first_cpu, -1, cpu);
	if (old_cpu >= 0) {
		/* The CPU that saw the cause may hand the rest to this one. */
		if (old_cpu != cpu && meminspect_have_panic_regs)
			meminspect_write_note(cpu, &meminspect_panic_regs);
		return;
	}
	/* Too early: there is no directory yet. */
	if (!head)
		return;

	cpumask_copy(&online_at_panic, cpu_online_mask);
	meminspect_clean(&online_at_panic, sizeof(online_at_panic));
	/* Without its own registers a CPU reads as not saved: never as zero. */
	if (!regs && meminspect_have_panic_regs)
		regs = &meminspect_panic_regs;
	if (regs)
		meminspect_write_note(cpu, regs);

	strscpy(capture.comm, current->comm, sizeof(capture.comm));
	strscpy(capture.text, text, sizeof(capture.text));
	strim(capture.text);
	copies[0] = head->copy[0] + MEMINSPECT_CAPTURE_OFFSET;
	copies[1] = head->copy[1] + MEMINSPECT_CAPTURE_OFFSET;
	meminspect_write_record(copies, &capture, sizeof(capture));
}

/**
 * meminspect_save_cpu - save the registers of a CPU that a panic stops
 * @regs: what the CPU was doing; may be NULL
 *
 * Context: The CPU's stop handler; any, NMI included.
 */
void meminspect_save_cpu(struct pt_regs *regs)
{
	if (panic_in_progress() && regs)
		meminspect_write_note(raw_smp_processor_id(), regs);
}
