// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a driver marks its memory for a post-mortem.
 *
 * Static objects are annotated: they are marked when the module is loaded, and
 * unmarked when it is unloaded. All other memory is marked where it is
 * allocated, and unmarked before it is freed. A driver works without: where
 * nothing can be marked, the handle is negative, and there is nothing to
 * unmark.
 */
#include <linux/irq_work.h>
#include <linux/meminspect.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/* Like all that is marked, it should tell what it is without its source. */
struct sample_event {
	char text[16];
	u64 number;
};

static struct sample_event sample_last = { "last event", 0 };
MEMINSPECT_DYNAMIC_ENTRY(sample_last);

/* One region for each CPU that may ever come, with its number as the key. */
static DEFINE_PER_CPU(struct sample_event, sample_percpu) = { "of a CPU", 0 };
MEMINSPECT_DYNAMIC_PERCPU_ENTRY(sample_percpu);

#define NR_QUEUED	20
#define NR_TRACED	2000

static struct sample_event *queue, *trace, *urgent;
static s64 queue_handle, trace_handle, urgent_handle = -ENOENT;

static s64 sample_mark(const char *name, struct sample_event *events,
		       unsigned int nr_events)
{
	const struct inspect_entry region = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = name,
		.va = events,
		.size = nr_events * sizeof(*events),
	};

	return meminspect_register(&region);
}

static void sample_fill(struct sample_event *events, unsigned int nr_events,
			const char *text)
{
	unsigned int i;

	for (i = 0; i < nr_events; i++) {
		strscpy(events[i].text, text, sizeof(events[i].text));
		events[i].number = i;
	}
}

/* In a hard interrupt. Marking needs no lock, and does not wait. */
static void sample_interrupt(struct irq_work *work)
{
	struct sample_event *event = kmalloc(sizeof(*event), GFP_ATOMIC);

	if (!event)
		return;
	sample_fill(event, 1, "interrupt");
	urgent = event;
	urgent_handle = sample_mark("sample_urgent", event, 1);
}

static struct irq_work sample_work = IRQ_WORK_INIT_HARD(sample_interrupt);

static int __init sample_init(void)
{
	unsigned int cpu;

	queue = kcalloc(NR_QUEUED, sizeof(*queue), GFP_KERNEL);
	trace = vcalloc(NR_TRACED, sizeof(*trace));
	if (!queue || !trace) {
		kfree(queue);
		vfree(trace);
		return -ENOMEM;
	}
	sample_fill(queue, NR_QUEUED, "queued");
	sample_fill(trace, NR_TRACED, "traced");
	for_each_possible_cpu(cpu)
		per_cpu(sample_percpu, cpu).number = cpu;

	queue_handle = sample_mark("sample_queue", queue, NR_QUEUED);
	/* What vmalloc() returns is one region too, of many extents. */
	trace_handle = sample_mark("sample_trace", trace, NR_TRACED);
	irq_work_queue(&sample_work);
	return 0;
}
module_init(sample_init);

static void __exit sample_exit(void)
{
	irq_work_sync(&sample_work);
	/* Before it is freed: from then on it may hold the data of others. */
	meminspect_unregister(urgent_handle);
	kfree(urgent);
	meminspect_unregister(trace_handle);
	vfree(trace);
	meminspect_unregister(queue_handle);
	kfree(queue);
}
module_exit(sample_exit);

MODULE_DESCRIPTION("Marks its memory for a post-mortem");
MODULE_LICENSE("GPL");
