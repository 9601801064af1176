// SPDX-License-Identifier: GPL-2.0-only
/*
 * What crash, drgn and gdb will answer of a core, by the regions that each answer
 * needs. Sources: docs/what-suffices.md, what crash says where one is missing, and
 * what was seen to be read by the others.
 */
#include "tool.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/*
 * Needs are names of regions, of which none may be damaged; of several with |
 * between them, one; with a + behind it, one that is whole is enough; with a *,
 * there need not be any; behind x86: on x86_64 only. What stands in <> is no
 * region, what stands behind HOST only vmlinux has.
 */
#define HOST		"vmlinux:"
#define REGISTERS	"<registers>"	/* of each CPU */
#define LOG		"<log>"		/* the whole of it */
#define PANIC		"<panic>"	/* a hang has none */
#define EVERY_STACK	"<stack-of-each-task>"
/* crash 9 reads members of struct module that Linux 7 has no more. */
#define MODULES		"<a-crash-that-knows-modules-of-Linux-7>"

#define CRASH_START	"linux_banner init_uts_ns __per_cpu_offset x86:page_offset_base x86:vmalloc_base "	\
			"x86:vmemmap_base x86:idt_table x86:cpu_tss_rw x86:cpu_khz prb high_memory mem_section _totalram_pages nr_swapfiles* "	\
			"node_states nr_threads runqueues jiffies_64 avenrun tainted_mask taint_flags "	\
			"init_pid_ns pid_node|xa_node pid+ task_struct+ task_stack+ swapper_pg_dir page_table+ "	\
			"x86:" HOST "text x86:" HOST "lookup_num_blocks " HOST "task_state_array " HOST "mt_slots"
#define STACKS		REGISTERS " current_stack|task_stack irq_stack* exception_stack_NMI*"

struct question {
	const char *tool;
	const char *question;
	const char *needs;
};

/* What a CPU ran has its task_struct where it has its stack; current_task is also a variable of x86. */
static const struct question questions[] = {
	/* The others of crash need what it starts with as well. */
	{ "crash", "sys", "shadow_timekeeper|timekeeper_data kernel_config_data __cpu_present_mask __cpu_online_mask" },
	{ "crash", "log", LOG },
	{ "crash", "bt", STACKS },
	{ "crash", "bt -a", STACKS },
	{ "crash", "foreach bt", STACKS " " EVERY_STACK },
	{ "crash", "ps", "pid task_struct mm_struct rss_stat|bytes init_task" },
	{ "crash", "runq", "runqueues" },
	{ "crash", "irq", "nr_irqs|total_nr_irqs sparse_irqs irq_tree_node|maple_node irq_desc irqaction irqaction_name|bytes" },
	{ "crash", "mod", MODULES " modules" },
	{ "crash", "timer", "timer_bases hrtimer_bases timer_list" },
	{ "crash", "files", "fs_struct files_struct file dentry inode" },
	{ "crash", "mount", "super_block mount" },
	{ "crash", "vm", "mm_struct vm_area_struct" },
	{ "crash", "sig", "signal_struct sighand_struct" },
	{ "crash", "net", "init_net|net net_device" },
	{ "crash", "dev", "chrdevs cdev_map probe" },
	{ "crash", "kmem -i", "vm_zone_stat vm_node_stat pglist_data" },
	{ "crash", "kmem -s", "slab_caches kmem_cache slab" },
	{ "drgn", "get_dmesg", LOG },
	{ "drgn", "crashed_thread", PANIC " crashing_cpu|panic_cpu runqueues __per_cpu_offset current_stack|task_struct" },
	{ "drgn", "stack_trace of each CPU", STACKS " runqueues current_stack|task_struct" },
	{ "drgn", "for_each_task", "init_pid_ns pid_node|xa_node pid task_struct init_task" },
	{ "drgn", "per_cpu(runqueues)", "runqueues __per_cpu_offset" },
	{ "drgn", "for_each_module", "modules" },
	{ "drgn", "for_each_irq_desc", "sparse_irqs irq_tree_node|maple_node irq_desc irqaction irqaction_name|bytes" },
	{ "drgn", "for_each_mount", "init_task nsproxy mnt_namespace mount super_block file_system_type" },
	{ "drgn", "for_each_vma", "mm_struct vm_area_struct" },
	{ "drgn", "for_each_slab_cache", "slab_caches kmem_cache" },
	{ "gdb", "info threads", REGISTERS },
	{ "gdb", "bt", STACKS },
	{ "gdb", "lx-dmesg", LOG },
	{ "gdb", "lx-ps", "init_task task_struct signal_struct" },
};

#define NR_QUESTIONS (sizeof(questions) / sizeof(questions[0]))

struct answers {
	struct meminspect_context *context;
	const struct meminspect_dump *dump;
	bool has_log;
	bool has_registers;
};

/*
 * How many regions of that name there are, how many of them lack no byte, and how many have one that
 * is whole: what pointers lead to is one region for all objects of a kind.
 */
static size_t count(const struct meminspect_dump *dump, const char *name, size_t length, size_t *whole,
		    size_t *have_one)
{
	size_t nr = 0;

	*whole = 0;
	*have_one = 0;
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		if (strlen(region->name) != length || strncmp(region->name, name, length))
			continue;
		nr++;
		*whole += region->verdict == MEMINSPECT_PRESENT;
		*have_one += region->verdict == MEMINSPECT_PRESENT ||
			     (region->verdict == MEMINSPECT_TRUNCATED && region->nr_pieces > 1 &&
			      region->origin == MEMINSPECT_DERIVED);
	}
	return nr;
}

static bool has_one_of(const struct answers *answers, const char *names, size_t length)
{
	const char mark = length ? names[length - 1] : '\0';
	const char *end = names + length - (mark == '*' || mark == '+');
	size_t nr, whole, have_one;

	for (const char *name = names; name < end;) {
		const char *bar = memchr(name, '|', (size_t)(end - name));
		size_t size = (size_t)((bar ? bar : end) - name);

		nr = count(answers->dump, name, size, &whole, &have_one);
		if (mark == '+' ? have_one : nr == whole && (nr || mark == '*'))
			return true;
		name += size + 1;
	}
	return false;
}

/* The other levels have those of what CPUs ran only. A task that has exited has none. */
static bool has_every_stack(const struct answers *answers)
{
	uint64_t nr_beyond;
	const char *level = meminspect_dump_level(answers->dump, &nr_beyond);

	return (!level || !strcmp(level, meminspect_level_name(MEMINSPECT_LEVEL_RICH))) &&
	       has_one_of(answers, "task_stack", strlen("task_stack"));
}

static bool is_met(const struct answers *answers, const char **need, size_t *length)
{
	static const char x86[] = "x86:";
	const struct meminspect_ident *ident = meminspect_dump_ident(answers->dump);

	if (!strncmp(*need, LOG, *length))
		return answers->has_log;
	if (!strncmp(*need, PANIC, *length))
		return meminspect_dump_capture(answers->dump);
	if (!strncmp(*need, REGISTERS, *length))
		return answers->has_registers;
	if (!strncmp(*need, EVERY_STACK, *length))
		return has_every_stack(answers);
	if (!strncmp(*need, MODULES, *length))
		return tool_crash_knows_modules(answers->dump);
	if (*length > strlen(x86) && !strncmp(*need, x86, strlen(x86))) {
		*need += strlen(x86);
		*length -= strlen(x86);
		if (!ident || ident->machine != EM_X86_64)
			return true;
	}
	if (*length > strlen(HOST) && !strncmp(*need, HOST, strlen(HOST)))
		return has_one_of(answers, *need + strlen(HOST), *length - strlen(HOST));
	return has_one_of(answers, *need, *length);
}

/* Prints what is not there, with a comma in between; how many there are. */
static size_t print_lacks(const struct answers *answers, const char *needs, FILE *out)
{
	size_t nr = 0;

	while (*needs) {
		size_t room = strcspn(needs, " "), length = room;
		const char *need = needs;

		if (!is_met(answers, &need, &length)) {
			length -= need[length - 1] == '+' || need[length - 1] == '*';
			if (out)
				fprintf(out, "%s%.*s", nr ? ", " : "", (int)length, need);
			nr++;
		}
		needs += room;
		needs += *needs == ' ';
	}
	return nr;
}

bool tool_crash_knows_modules(const struct meminspect_dump *dump)
{
	const struct meminspect_ident *ident = meminspect_dump_ident(dump);

	return !ident || strtoul((const char *)ident->release, NULL, 10) < 7;
}

bool tool_crash_starts(const struct meminspect_dump *dump)
{
	const struct answers answers = { .dump = dump };

	return !print_lacks(&answers, CRASH_START, NULL);
}

static int look_at_record(void *priv, const struct meminspect_log_record *record)
{
	(void)priv;
	(void)record;
	return 0;
}

static bool has_whole_log(const struct answers *answers)
{
	struct meminspect_log_summary summary = { 0 };

	return !meminspect_log(answers->context, answers->dump, look_at_record, NULL, &summary) &&
	       has_one_of(answers, "prb", strlen("prb")) && summary.records && !summary.lost;
}

static bool has_all_registers(const struct meminspect_dump *dump)
{
	for (size_t i = 0; i < meminspect_dump_nr_registers(dump); i++)
		if (meminspect_dump_registers(dump, i)->source == MEMINSPECT_REGISTERS_NONE)
			return false;
	return meminspect_dump_nr_registers(dump);
}

/* One line of those that will be answered, and one for each that will not. */
static void print_tool(const struct answers *answers, const char *tool, const char *start)
{
	size_t nr = 0;

	for (size_t i = 0; i < NR_QUESTIONS; i++) {
		if (strcmp(questions[i].tool, tool) || print_lacks(answers, start, NULL) ||
		    print_lacks(answers, questions[i].needs, NULL))
			continue;
		if (nr++)
			printf(", %s", questions[i].question);
		else
			printf("  %s answers: %s", tool, questions[i].question);
	}
	if (nr)
		putchar('\n');
	if (print_lacks(answers, start, NULL)) {
		printf("  %s opens it with --minimal only, for want of: ", tool);
		print_lacks(answers, start, stdout);
		puts("\n    (what is behind " HOST " is added by 'meminspect open', or by 'core --vmlinux')");
		return;
	}
	for (size_t i = 0; i < NR_QUESTIONS; i++) {
		if (strcmp(questions[i].tool, tool) || !print_lacks(answers, questions[i].needs, NULL))
			continue;
		printf("  %s does not answer %s for want of: ", tool, questions[i].question);
		print_lacks(answers, questions[i].needs, stdout);
		putchar('\n');
	}
}

void tool_print_questions(struct meminspect_context *context, const struct meminspect_dump *dump)
{
	struct answers answers = { .context = context, .dump = dump };

	answers.has_log = has_whole_log(&answers);
	answers.has_registers = has_all_registers(dump);
	print_tool(&answers, "crash", CRASH_START);
	print_tool(&answers, "drgn", "");
	print_tool(&answers, "gdb", "");
}
