// SPDX-License-Identifier: GPL-2.0-only
#include "row-truth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmlinux.h"

/* include/uapi/linux/magic.h */
#define STACK_END_MAGIC	0x57ac6e9dU
#define XA_CHUNK	64
/* A child's address and its type are in one word. */
#define MAPLE_NODE_MASK	0xffU
/* Where a table is that an entry leads to; and that it leads to something */
#define ENTRY_ADDRESS	0xfffffffff000U
#define ENTRY_VALID	1U

/* The object has its key in itself. */
static const struct keyed {
	const char *row, *type, *member;
} keyed[] = {
	{ "task_struct", "task_struct", "pid" },
	{ "irq_desc", "irq_desc", "irq_data.irq" },
	{ "irqaction", "irqaction", "irq" },
	{ "pglist_data", "pglist_data", "node_id" },
};
#define NR_KEYED (sizeof(keyed) / sizeof(keyed[0]))

/* Another row leads to it: the address stands in a member of that, of any key. */
static const struct led {
	const char *row, *from, *type, *member;
} led[] = {
	{ "task_stack", "task_struct", "task_struct", "stack" },
	{ "irqaction_name", "irqaction", "irqaction", "name" },
};
#define NR_LED (sizeof(led) / sizeof(led[0]))

/* A word of a row of the same CPU, in whatever member, leads into it or to its end. */
static const struct pointed {
	const char *row, *from;
} pointed[] = {
	{ "irq_stack", "pcpu_hot" },
	{ "irq_stack", "hardirq_stack_ptr" },
	{ "irq_stack", "irq_stack_ptr" },
	{ "exception_stack_DF", "cpu_tss_rw" },
	{ "exception_stack_NMI", "cpu_tss_rw" },
	{ "exception_stack_DB", "cpu_tss_rw" },
	{ "exception_stack_MCE", "cpu_tss_rw" },
};
#define NR_POINTED (sizeof(pointed) / sizeof(pointed[0]))

enum { STATIC, PERCPU, STACK_END, PID, PID_NODE, IRQ_TREE_NODE, PAGE_TABLE, RSS_STAT, MODULE, LISTED_TASK, NR_OTHERS };
static const char *const others[NR_OTHERS] = {
	[STATIC] = "static object is where vmlinux's symbol is",
	[PERCPU] = "per-CPU object is where the symbol and __per_cpu_offset say",
	[STACK_END] = "stack ends with STACK_END_MAGIC",
	[PID] = "struct pid has the PID",
	[PID_NODE] = "node leads to struct pids of the right numbers",
	[IRQ_TREE_NODE] = "node of interrupts is where the tree, or another node, leads",
	[PAGE_TABLE] = "page table is where a table of a level above leads",
	[RSS_STAT] = "counter of an mm_struct is where that and __per_cpu_offset say",
	[MODULE] = "struct module has the name",
	[LISTED_TASK] = "task of the kernel's list has a row",
};

struct member {
	uint64_t offset, size;	/* bytes */
};

struct row_truth {
	struct meminspect_context *context;
	const char *path;
	struct vmlinux *vmlinux;
	const struct meminspect_dump *dump;
	uint64_t kaslr_offset;
	struct member keys[NR_KEYED], leads[NR_LED];
	struct member pid_nr, shift, slots, counters, module_name, tasks;
	uint64_t applied_keyed[NR_KEYED], applied_led[NR_LED], applied_pointed[NR_POINTED];
	uint64_t applied[NR_OTHERS];
	char why[160];
};

static const char *false_as(struct row_truth *truth, const char *what, uint64_t got, uint64_t expected)
{
	snprintf(truth->why, sizeof(truth->why), "%s: %#" PRIx64 ", not %#" PRIx64, what, got, expected);
	return truth->why;
}

/* What lab_layout.ko said, in the text of the console */
static bool find_member(const char *console, const char *type, const char *name,
			struct member *member)
{
	const char *at;
	char said[96];

	snprintf(said, sizeof(said), "lab: layout %s.%s=", type, name);
	at = strstr(console, said);
	if (at && sscanf(at + strlen(said), "%" SCNu64 ",%" SCNu64, &member->offset, &member->size) == 2)
		return true;
	printf("# the guest did not say where %s.%s is\n", type, name);
	return false;
}

static bool find_members(struct row_truth *truth, const char *console)
{
	bool good = find_member(console, "pid", "numbers[0].nr", &truth->pid_nr) &&
		    find_member(console, "xa_node", "shift", &truth->shift) &&
		    find_member(console, "xa_node", "slots", &truth->slots) &&
		    find_member(console, "mm_struct", "rss_stat[0].counters", &truth->counters) &&
		    find_member(console, "module", "name", &truth->module_name) &&
		    find_member(console, "task_struct", "tasks", &truth->tasks);

	for (size_t i = 0; good && i < NR_KEYED; i++)
		good = find_member(console, keyed[i].type, keyed[i].member, &truth->keys[i]);
	for (size_t i = 0; good && i < NR_LED; i++)
		good = find_member(console, led[i].type, led[i].member, &truth->leads[i]);
	return good;
}

/* The console as it is now, for free(); NULL if it can't be read. */
static char *read_console(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	/* No NUL stands in it: all of it is one piece. */
	if (!file || getdelim(&text, &size, 0, file) < 0)
		printf("# %s: cannot read it\n", path);
	if (file)
		fclose(file);
	return text;
}

struct row_truth *row_truth_open(struct meminspect_context *context, const char *vmlinux,
				 const char *console)
{
	struct row_truth *truth = calloc(1, sizeof(*truth));
	char *text = read_console(console);

	if (truth && text && find_members(truth, text)) {
		truth->context = context;
		truth->path = vmlinux;
	} else {
		free(truth);
		truth = NULL;
	}
	free(text);
	return truth;
}

void row_truth_close(struct row_truth *truth)
{
	vmlinux_close(truth->vmlinux);
	free(truth);
}

const char *row_truth_take(struct row_truth *truth, const struct meminspect_dump *dump)
{
	const struct meminspect_ident *ident = meminspect_dump_ident(dump);

	truth->dump = dump;
	if (!ident || meminspect_dump_kaslr_offset(dump, &truth->kaslr_offset))
		return "nothing tells which kernel it is";
	if (!truth->vmlinux && vmlinux_open(truth->context, truth->path, ident, &truth->vmlinux))
		return meminspect_error(truth->context);
	return NULL;
}

bool region_bytes(const struct meminspect_region *region, uint64_t offset, void *buffer, size_t length)
{
	uint8_t *to = buffer;

	for (size_t i = 0; length && i < region->nr_pieces; i++) {
		const struct meminspect_piece *piece = &region->pieces[i];
		size_t part;

		if (offset >= piece->length) {
			offset -= piece->length;
			continue;
		}
		part = piece->length - offset < length ? piece->length - offset : length;
		if (offset + part > piece->present)
			return false;
		memcpy(to, piece->data + offset, part);
		to += part;
		length -= part;
		offset = 0;
	}
	return !length;
}

/* Little-endian, as both boards are; all ones, which nothing below expects, if it is not there. */
static uint64_t number_at(const struct meminspect_region *region, uint64_t offset, uint64_t size)
{
	uint64_t number = 0;

	if (size > sizeof(number) || !region_bytes(region, offset, &number, size))
		return UINT64_MAX;
	return number;
}

static uint64_t member_in(const struct meminspect_region *region, const struct member *member)
{
	return number_at(region, member->offset, member->size);
}

static bool is_named(const struct meminspect_region *region, const char *name)
{
	return strcmp(region->name, name) == 0;
}

static const struct meminspect_region *row_at(const struct row_truth *truth, const char *name,
					      uint64_t vaddr)
{
	for (size_t i = 0; i < meminspect_dump_nr_regions(truth->dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(truth->dump, i);

		if (region->vaddr == vaddr && is_named(region, name))
			return region;
	}
	return NULL;
}

static bool leads_there(const struct row_truth *truth, const struct led *rule,
			const struct member *member, uint64_t vaddr)
{
	for (size_t i = 0; i < meminspect_dump_nr_regions(truth->dump); i++) {
		const struct meminspect_region *from = meminspect_dump_region(truth->dump, i);

		if (is_named(from, rule->from) && member_in(from, member) == vaddr)
			return true;
	}
	return false;
}

static uint64_t offset_of_cpu(const struct row_truth *truth, uint64_t cpu)
{
	const struct meminspect_region *offsets = meminspect_dump_find(truth->dump, "__per_cpu_offset", -1);

	return offsets ? number_at(offsets, cpu * sizeof(uint64_t), sizeof(uint64_t)) : UINT64_MAX;
}

static const char *misplaced(struct row_truth *truth, const struct meminspect_region *region)
{
	bool percpu = region->key_kind == MEMINSPECT_KEY_CPU;
	uint64_t address, size;

	if (!percpu && region->key_kind != MEMINSPECT_KEY_NONE)
		return NULL;
	/* The variable of that name is a pointer to it. */
	if (is_named(region, "vmcoreinfo_note"))
		return NULL;
	if (vmlinux_symbol(truth->vmlinux, region->name, &address, &size) || !size)
		return NULL;
	truth->applied[percpu ? PERCPU : STATIC]++;
	address += truth->kaslr_offset + (percpu ? offset_of_cpu(truth, region->key) : 0);
	return region->vaddr == address ? NULL :
	       false_as(truth, "it is not where its symbol is", region->vaddr, address);
}

static const char *wrong_pid(struct row_truth *truth, const struct meminspect_region *region)
{
	uint64_t pid = member_in(region, &truth->pid_nr);

	truth->applied[PID]++;
	return pid == region->key ? NULL : false_as(truth, "it has another PID", pid, region->key);
}

static const char *wrong_node(struct row_truth *truth, const struct meminspect_region *node)
{
	if (member_in(node, &truth->shift))
		return NULL;
	for (unsigned int i = 0; i < XA_CHUNK; i++) {
		uint64_t slot = number_at(node, truth->slots.offset + i * sizeof(slot), sizeof(slot));
		const struct meminspect_region *pid;

		/* Entries of the tree itself have one of these bits, or are reserved. */
		if (!slot || slot & 3)
			continue;
		truth->applied[PID_NODE]++;
		pid = row_at(truth, "pid", slot);
		if (!pid)
			return false_as(truth, "what it leads to is no row", slot, 0);
		if (pid->key != node->key + i)
			return false_as(truth, "it leads to another PID", pid->key, node->key + i);
	}
	return NULL;
}

static const char *stray_counters(struct row_truth *truth, const struct meminspect_region *region)
{
	uint64_t nr_cpus = meminspect_dump_nr_registers(truth->dump);

	truth->applied[RSS_STAT]++;
	for (size_t i = 0; i < meminspect_dump_nr_regions(truth->dump); i++) {
		const struct meminspect_region *mm = meminspect_dump_region(truth->dump, i);
		uint64_t counters;

		if (!is_named(mm, "mm_struct"))
			continue;
		counters = member_in(mm, &truth->counters);
		for (uint64_t cpu = 0; cpu < nr_cpus; cpu++)
			if (counters + offset_of_cpu(truth, cpu) == region->vaddr)
				return NULL;
	}
	return "no mm_struct leads to it";
}

static const char *wrong_module(struct row_truth *truth, const struct meminspect_region *region)
{
	const char *name = region->name + strlen("module:");

	truth->applied[MODULE]++;
	for (size_t i = 0; i <= strlen(name); i++)
		if (number_at(region, truth->module_name.offset + i, 1) != (unsigned char)name[i])
			return "it has another name";
	return NULL;
}

static const char *unlike_its_key(struct row_truth *truth, const struct meminspect_region *region)
{
	for (size_t i = 0; i < NR_KEYED; i++) {
		uint64_t key;

		if (!is_named(region, keyed[i].row))
			continue;
		truth->applied_keyed[i]++;
		key = member_in(region, &truth->keys[i]);
		if (key != region->key)
			return false_as(truth, keyed[i].member, key, region->key);
	}
	return NULL;
}

static const char *led_to_by_none(struct row_truth *truth, const struct meminspect_region *region)
{
	for (size_t i = 0; i < NR_LED; i++) {
		if (!is_named(region, led[i].row))
			continue;
		truth->applied_led[i]++;
		if (!leads_there(truth, &led[i], &truth->leads[i], region->vaddr)) {
			snprintf(truth->why, sizeof(truth->why), "no %s leads to it", led[i].from);
			return truth->why;
		}
	}
	return NULL;
}

static bool points_to(const struct meminspect_region *from, const struct meminspect_region *region)
{
	uint64_t word;

	/* That of x86's TSS is not aligned to its size. */
	for (uint64_t at = 0; at + sizeof(word) <= from->size; at += sizeof(uint32_t))
		if (number_at(from, at, sizeof(word)) - region->vaddr <= region->size)
			return true;
	return false;
}

static const char *pointed_to_by_none(struct row_truth *truth, const struct meminspect_region *region)
{
	for (size_t i = 0; i < NR_POINTED; i++) {
		const struct meminspect_region *from;

		if (!is_named(region, pointed[i].row))
			continue;
		from = meminspect_dump_find(truth->dump, pointed[i].from, region->key);
		if (!from)
			continue;
		truth->applied_pointed[i]++;
		if (!points_to(from, region)) {
			snprintf(truth->why, sizeof(truth->why), "%s does not lead to it", pointed[i].from);
			return truth->why;
		}
	}
	return NULL;
}

/* A word of @from, from its byte @at on */
static bool leads_by_word(const struct meminspect_region *from, uint64_t at, uint64_t mask, uint64_t word)
{
	for (; at + sizeof(word) <= from->size; at += sizeof(word))
		if ((number_at(from, at, sizeof(word)) & mask) == word)
			return true;
	return false;
}

static const char *stray_irq_node(struct row_truth *truth, const struct meminspect_region *node)
{
	truth->applied[IRQ_TREE_NODE]++;
	for (size_t i = 0; i < meminspect_dump_nr_regions(truth->dump); i++) {
		const struct meminspect_region *from = meminspect_dump_region(truth->dump, i);
		/* The first word of a node leads to what is above it. */
		uint64_t at = is_named(from, "irq_tree_node") ? sizeof(uint64_t) : 0;

		if ((at || is_named(from, "sparse_irqs")) &&
		    leads_by_word(from, at, ~(uint64_t)MAPLE_NODE_MASK, node->vaddr))
			return NULL;
	}
	return "neither the tree nor another node leads to it";
}

static const char *stray_table(struct row_truth *truth, const struct meminspect_region *table)
{
	uint64_t entry = table->nr_pieces ? table->pieces[0].paddr | ENTRY_VALID : 0;

	truth->applied[PAGE_TABLE]++;
	for (size_t i = 0; i < meminspect_dump_nr_regions(truth->dump); i++) {
		const struct meminspect_region *from = meminspect_dump_region(truth->dump, i);

		if ((is_named(from, "swapper_pg_dir") ||
		     (is_named(from, "page_table") && from->key > table->key)) &&
		    leads_by_word(from, 0, ENTRY_ADDRESS | ENTRY_VALID, entry))
			return NULL;
	}
	return "no table of a level above leads to it";
}

const char *row_falsehood(struct row_truth *truth, const struct meminspect_region *region)
{
	const char *why;

	if (region->verdict == MEMINSPECT_LEFT_OUT || !region->vaddr)
		return NULL;
	why = misplaced(truth, region);
	if (!why)
		why = unlike_its_key(truth, region);
	if (!why)
		why = led_to_by_none(truth, region);
	if (!why)
		why = pointed_to_by_none(truth, region);
	if (why)
		return why;
	if (is_named(region, "task_stack") || is_named(region, "init_stack")) {
		uint64_t end = number_at(region, 0, sizeof(unsigned long));

		truth->applied[STACK_END]++;
		return end == STACK_END_MAGIC ? NULL :
		       false_as(truth, "its end is another", end, STACK_END_MAGIC);
	}
	if (is_named(region, "pid"))
		return wrong_pid(truth, region);
	if (is_named(region, "pid_node"))
		return wrong_node(truth, region);
	if (is_named(region, "irq_tree_node"))
		return stray_irq_node(truth, region);
	if (is_named(region, "page_table"))
		return stray_table(truth, region);
	if (is_named(region, "rss_stat"))
		return stray_counters(truth, region);
	if (strncmp(region->name, "module:", strlen("module:")) == 0)
		return wrong_module(truth, region);
	return NULL;
}

const char *missing_task(struct row_truth *truth)
{
	const struct meminspect_region *init = meminspect_dump_find(truth->dump, "init_task", -1);
	const struct meminspect_region *task = init;
	size_t left = meminspect_dump_nr_regions(truth->dump);

	if (!init)
		return "init_task has no row";
	for (; left; left--) {
		uint64_t next = number_at(task, truth->tasks.offset, sizeof(next)) -
				truth->tasks.offset;

		if (next == init->vaddr)
			return NULL;
		truth->applied[LISTED_TASK]++;
		task = row_at(truth, "task_struct", next);
		if (!task)
			return false_as(truth, "task of the list has no row", next, 0);
	}
	return "the list of tasks has no end";
}

/* The other board, or the other kernel, has another in its place. */
static bool may_be_without(const struct row_truth *truth, const char *symbol)
{
	uint64_t address, size;

	return !truth->vmlinux || vmlinux_symbol(truth->vmlinux, symbol, &address, &size) != 0;
}

static bool print_rule(uint64_t applied, const char *row, const char *what, const char *which)
{
	printf("# rule applied %" PRIu64 " times: %s %s %s\n", applied, row, what, which);
	return applied > 0;
}

bool row_truth_print(const struct row_truth *truth)
{
	bool all = true;

	for (size_t i = 0; i < NR_KEYED; i++)
		all &= print_rule(truth->applied_keyed[i], keyed[i].row, "has its key in its", keyed[i].member);
	for (size_t i = 0; i < NR_LED; i++)
		all &= print_rule(truth->applied_led[i], led[i].row, "is where there is one that leads to it:", led[i].from);
	for (size_t i = 0; i < NR_POINTED; i++)
		if (truth->applied_pointed[i] || !may_be_without(truth, pointed[i].from))
			all &= print_rule(truth->applied_pointed[i], pointed[i].row, "is where its CPU's row leads:", pointed[i].from);
	for (size_t i = 0; i < NR_OTHERS; i++)
		all &= print_rule(truth->applied[i], "a", others[i], "");
	return all;
}
