// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Text and unwind tables. crash unwinds stacks of x86_64 by ORC, the tables that
 * the kernel itself unwinds by (arch/x86/kernel/unwind_orc.c), and disassembles
 * code around return addresses. All of both is megabytes: of a dump, only what
 * belongs to the addresses in registers and in frames is added, in lines of 64
 * bytes, by which gdb reads code.
 */
#include "live-stack.h"
#include "little-endian.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE		64U	/* bytes */
#define MAX_TABLE	(1U << 28)
#define INSTRUCTION	6U	/* bytes; most are shorter */
#define DIRECT_CALL	5U	/* bytes: e8 and a distance */
#define INDIRECT_CALL	6U	/* bytes: ff 15 and the distance of a pointer */
#define LOOKUP_BLOCK	256U	/* bytes of text for each entry of orc_lookup */
#define ORC_ENTRY	6U	/* sizeof(struct orc_entry) */
/* Its two last bytes, as far as is looked at: the register that the frame is found by, and a type */
#define ORC_SP_REG(entry)	((entry)[4] & 0xf)
#define ORC_TYPE(entry)		((entry)[5] & 0x7)
#define ORC_REG_SP		5
#define ORC_TYPE_CALL		2

/*
 * A range of the image of which some lines are wanted: by how many more than the line before.
 * A stack can be full of addresses in the largest function.
 */
struct lines {
	const char *name;
	uint64_t start, end;	/* where it was linked */
	uint32_t *wanted;	/* sum_up() makes it by how many */
	uint8_t *changed;	/* the lines that vmlinux does not have so, one bit each; NULL: all */
	const uint8_t *made;	/* contents, if they do not all stand in vmlinux */
	bool patched;		/* the kernel changes it as it runs */
};

struct code {
	struct completion *completion;
	struct lines text, ip, entries, lookup;
	const uint8_t *ip_table;	/* contents of ip */
	uint32_t nr_entries, nr_blocks;
	uint32_t *blocks;	/* orc_lookup, little-endian */
	uint8_t *text_copy;
	uint64_t pv_ops, pv_ops_end;
};

static int lines_init(const struct completion *completion, struct lines *lines, const char *name,
		      const char *start, const char *end)
{
	uint64_t size;

	lines->name = name;
	if (vmlinux_symbol(completion->vmlinux, start, &lines->start, &size) ||
	    vmlinux_symbol(completion->vmlinux, end, &lines->end, &size) ||
	    lines->end <= lines->start || lines->end - lines->start > MAX_TABLE ||
	    lines->end > UINT64_MAX - LINE)
		return -ENOENT;
	lines->wanted = calloc((lines->end - lines->start) / LINE + 3, sizeof(*lines->wanted));
	return lines->wanted ? 0 : -ENOMEM;
}

/* Lines are those of the machine: the first and the last of a range may be cut. */
static uint64_t first_line(const struct lines *lines)
{
	return lines->start / LINE;
}

static void want(struct lines *lines, uint64_t start, uint64_t end)
{
	if (start < lines->start)
		start = lines->start;
	if (end > lines->end)
		end = lines->end;
	if (start >= end)
		return;
	lines->wanted[start / LINE - first_line(lines)]++;
	lines->wanted[(end - 1) / LINE + 1 - first_line(lines)]--;
}

static void sum_up(const struct lines *lines)
{
	for (uint64_t line = first_line(lines) + 1; line * LINE < lines->end; line++)
		lines->wanted[line - first_line(lines)] += lines->wanted[line - 1 - first_line(lines)];
}

static bool is_wanted(const struct lines *lines, uint64_t line)
{
	return line * LINE < lines->end && lines->wanted[line - first_line(lines)];
}

static bool is_made(const struct lines *lines, uint64_t line)
{
	return lines->made && (!lines->changed ||
			       lines->changed[(line - first_line(lines)) / 8] &
			       1U << (line - first_line(lines)) % 8);
}

/* Contents of a run, for free(); NULL if memory is short. */
static uint8_t *run_contents(const struct code *code, const struct lines *lines, uint64_t start,
			     const uint8_t *bytes, uint64_t length, enum meminspect_origin *origin)
{
	struct meminspect_memory *memory = lines->patched ? code->completion->memory : NULL;
	uint64_t paddr = completion_paddr(code->completion, start + code->completion->kaslr_offset);
	uint8_t *contents = malloc(length);

	if (contents && memory &&
	    meminspect_memory_read(memory, paddr, contents, length) == (int64_t)length)
		*origin = MEMINSPECT_DERIVED;
	else if (contents)
		memcpy(contents, bytes, length);
	return contents;
}

/* Runs of wanted lines, by where they are from. */
static int add_runs(const struct code *code, const struct lines *lines,
		    struct pieces pieces[MEMINSPECT_FILLER + 1])
{
	uint64_t line = first_line(lines);
	int error = 0;

	while (line * LINE < lines->end && !error) {
		uint64_t start = line * LINE, end;
		enum meminspect_origin origin;
		const uint8_t *bytes;
		uint8_t *contents;
		bool made;

		if (!is_wanted(lines, line++))
			continue;
		made = is_made(lines, line - 1);
		while (is_wanted(lines, line) && is_made(lines, line) == made)
			line++;
		end = line * LINE < lines->end ? line * LINE : lines->end;
		if (start < lines->start)
			start = lines->start;
		bytes = lines->made ? lines->made + (start - lines->start) :
			vmlinux_bytes(code->completion->vmlinux, start, end - start);
		/* In two sections: no kernel is linked so. */
		if (!bytes)
			continue;
		origin = made ? MEMINSPECT_MADE : MEMINSPECT_FROM_VMLINUX;
		contents = run_contents(code, lines, start, bytes, end - start, &origin);
		error = completion_add_piece(code->completion, &pieces[origin],
					     start + code->completion->kaslr_offset, contents,
					     end - start);
	}
	return error;
}

static int add_lines(const struct code *code, const struct lines *lines)
{
	struct pieces pieces[MEMINSPECT_FILLER + 1] = { 0 };
	int origin, error;

	sum_up(lines);
	error = add_runs(code, lines, pieces);
	for (origin = 0; origin <= MEMINSPECT_FILLER; origin++) {
		if (!error)
			error = completion_add_region(code->completion, lines->name, origin,
						      &pieces[origin]);
		completion_release(&pieces[origin]);
	}
	return error;
}

/* Each word of the table is how far it is from itself to the code, where both were linked. */
static uint64_t entry_ip(const struct code *code, uint32_t index)
{
	return code->ip.start + 4ULL * index +
	       (uint64_t)(int64_t)(int32_t)get32(code->ip_table + 4ULL * index);
}

/* The last entry that is not behind @address; they are sorted. */
static uint32_t find_entry(const struct code *code, uint64_t address)
{
	uint32_t low = 0, high = code->nr_entries;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (entry_ip(code, middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

/* As the kernel does when it boots. */
static int make_lookup(struct code *code)
{
	code->ip_table = vmlinux_bytes(code->completion->vmlinux, code->ip.start,
				       code->ip.end - code->ip.start);
	code->nr_entries = (uint32_t)((code->ip.end - code->ip.start) / 4);
	code->nr_blocks = (uint32_t)((code->lookup.end - code->lookup.start) / 4);
	if (!code->ip_table || code->nr_blocks < 2 || (code->lookup.end - code->lookup.start) % 4 ||
	    (code->entries.end - code->entries.start) / ORC_ENTRY != code->nr_entries)
		return -ENOENT;
	code->blocks = calloc(code->nr_blocks, sizeof(*code->blocks));
	if (!code->blocks)
		return -ENOMEM;
	for (uint32_t i = 0; i < code->nr_blocks - 1; i++)
		code->blocks[i] = htole32(find_entry(code, code->text.start +
							   (uint64_t)i * LOOKUP_BLOCK));
	code->blocks[code->nr_blocks - 1] = htole32(find_entry(code, code->text.end));
	code->lookup.made = (const uint8_t *)code->blocks;
	return 0;
}

/*
 * Where a frame is not found by the stack pointer, crash disassembles the
 * function: as many instructions as there are bytes up to the address.
 */
static void want_disassembly(struct code *code, uint64_t address)
{
	const uint8_t *entry = vmlinux_bytes(code->completion->vmlinux, code->entries.start +
					     ORC_ENTRY * find_entry(code, address), ORC_ENTRY);
	uint64_t start, end;

	if (entry && ORC_SP_REG(entry) == ORC_REG_SP && ORC_TYPE(entry) == ORC_TYPE_CALL)
		return;
	if (vmlinux_function(code->completion->vmlinux, address - 1, &start, &end))
		want(&code->text, start, start + INSTRUCTION * (address - start));
}

static void want_unwinding(struct code *code, uint64_t address)
{
	uint64_t block = (address - code->text.start) / LOOKUP_BLOCK;
	uint64_t first, last;

	if (!code->blocks || block + 1 >= code->nr_blocks)
		return;
	first = le32toh(code->blocks[block]);
	last = le32toh(code->blocks[block + 1]);
	want(&code->lookup, code->lookup.start + 4 * block, code->lookup.start + 4 * (block + 2));
	want(&code->ip, code->ip.start + 4 * first, code->ip.start + 4 * (last + 1));
	want(&code->entries, code->entries.start + ORC_ENTRY * first,
	     code->entries.start + ORC_ENTRY * (last + 1));
	want_disassembly(code, address);
}

/* @times: how far beyond its start, in lengths of the function */
static void want_function(struct code *code, uint64_t address, unsigned int times)
{
	uint64_t start, end;

	if (vmlinux_function(code->completion->vmlinux, address, &start, &end))
		want(&code->text, start, start + times * (end - start));
}

static int copy_text(struct code *code)
{
	uint64_t length = code->text.end - code->text.start, size;
	const uint8_t *text = vmlinux_bytes(code->completion->vmlinux, code->text.start, length);

	if (!text || vmlinux_symbol(code->completion->vmlinux, "pv_ops", &code->pv_ops, &size))
		return 0;
	code->pv_ops_end = code->pv_ops + size;
	code->text_copy = malloc(length);
	code->text.changed = calloc(length / LINE / 8 + 2, 1);
	if (!code->text_copy || !code->text.changed)
		return -ENOMEM;
	memcpy(code->text_copy, text, length);
	code->text.made = code->text_copy;
	return 0;
}

/*
 * The kernel makes a call through pv_ops a direct one, which is shorter
 * (alt_replace_call() in arch/x86/kernel/alternative.c). Then the return address
 * is before the end of what stands in vmlinux. crash looks for the function that
 * is called, to find the caller of a function that was interrupted.
 */
static void make_call_direct(struct code *code, uint64_t address)
{
	uint64_t at = address - DIRECT_CALL - code->text.start, slot, target;
	const uint8_t *word;
	uint32_t distance;
	uint8_t *call;

	if (!code->text_copy || address < code->text.start + DIRECT_CALL ||
	    code->text.end - address < INDIRECT_CALL - DIRECT_CALL)
		return;
	call = code->text_copy + at;
	slot = address + INDIRECT_CALL - DIRECT_CALL + (uint64_t)(int64_t)(int32_t)get32(call + 2);
	if (call[0] != 0xff || call[1] != 0x15 || slot < code->pv_ops || slot >= code->pv_ops_end)
		return;
	word = vmlinux_bytes(code->completion->vmlinux, slot, 8);
	if (!word)
		return;
	target = get64(word);
	if (target < code->text.start || target >= code->text.end)
		return;
	distance = htole32((uint32_t)(target - address));
	call[0] = 0xe8;
	memcpy(call + 1, &distance, sizeof(distance));
	call[DIRECT_CALL] = 0x90;
	for (uint64_t line = (address - DIRECT_CALL) / LINE; line <= address / LINE; line++)
		code->text.changed[(line - first_line(&code->text)) / 8] |=
			1U << (line - first_line(&code->text)) % 8;
}

static void want_code(struct code *code, uint64_t address)
{
	if (address < code->text.start || address >= code->text.end)
		return;
	make_call_direct(code, address);
	want_function(code, address, 1);
	/* Where a function that does not return is called last, the return address is behind. */
	want_function(code, address - 1, 1);
	want_unwinding(code, address);
}

static void want_code_of(struct code *code, const uint8_t *bytes, uint64_t length)
{
	for (uint64_t at = 0; at + 8 <= length; at += 8)
		want_code(code, get64(bytes + at) - code->completion->kaslr_offset);
}

static void want_frames(struct code *code, const struct live_stacks *stacks)
{
	const struct meminspect_dump *dump = code->completion->dump;

	for (size_t i = 0; i < code->completion->nr_collected; i++) {
		const struct meminspect_region *region = &dump->regions[i];

		for (size_t j = 0; live_is_stack(region) && j < region->nr_pieces; j++) {
			const struct meminspect_piece *piece = &region->pieces[j];
			uint64_t unused = live_unused(stacks, piece);

			want_code_of(code, piece->data + unused, piece->present - unused);
		}
	}
	for (size_t i = 0; i < dump->nr_registers; i++)
		want_code_of(code, dump->registers[i].prstatus, dump->registers[i].size);
}

static int want_all(struct code *code)
{
	/*
	 * What crash disassembles whatever it is asked: as many instructions as
	 * the function has bytes
	 */
	static const char *const always[] = { "schedule", "__schedule" };
	/* By the first instructions of two of these it tells whether frames have pointers. */
	static const char *const looked_at[] = {
		"sys_open", "sys_fork", "sys_read", "__x64_sys_open", "__x64_sys_fork",
		"__x64_sys_read", "do_futex", "do_fork", "_do_fork", "sys_write", "vfs_read",
	};
	struct live_stacks stacks;
	uint64_t address, size;
	int error;

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		if (!vmlinux_symbol(code->completion->vmlinux, always[i], &address, &size))
			want_function(code, address, INSTRUCTION);
	for (size_t i = 0; i < ARRAY_SIZE(looked_at); i++)
		if (!vmlinux_symbol(code->completion->vmlinux, looked_at[i], &address, &size))
			want(&code->text, address, address + 8);
	error = live_stacks_find(code->completion, &stacks);
	if (!error)
		want_frames(code, &stacks);
	free(stacks.array);
	return error;
}

static int add_nr_blocks(struct code *code)
{
	uint64_t address, size;
	struct pieces pieces = { 0 };
	uint32_t *nr;
	int error;

	if (vmlinux_symbol(code->completion->vmlinux, "lookup_num_blocks", &address, &size))
		return 0;
	nr = malloc(sizeof(*nr));
	if (nr)
		*nr = htole32(code->nr_blocks);
	error = completion_add_piece(code->completion, &pieces,
				     address + code->completion->kaslr_offset, (uint8_t *)nr, sizeof(*nr));
	if (!error)
		error = completion_add_region(code->completion, "lookup_num_blocks", MEMINSPECT_MADE,
					      &pieces);
	completion_release(&pieces);
	return error;
}

static int add_unwinding(struct code *code)
{
	int error = add_nr_blocks(code);

	if (!error)
		error = add_lines(code, &code->lookup);
	if (!error)
		error = add_lines(code, &code->ip);
	return error ?: add_lines(code, &code->entries);
}

int complete_code(struct completion *completion)
{
	struct code code = { .completion = completion, .text.patched = true };
	int error = lines_init(completion, &code.text, "text", "_stext", "_etext");

	if (!error) {
		error = lines_init(completion, &code.ip, "orc_unwind_ip", "__start_orc_unwind_ip",
				   "__stop_orc_unwind_ip");
		if (!error)
			error = lines_init(completion, &code.entries, "orc_unwind",
					   "__start_orc_unwind", "__stop_orc_unwind");
		if (!error)
			error = lines_init(completion, &code.lookup, "orc_lookup", "orc_lookup",
					   "orc_lookup_end");
		if (!error)
			error = make_lookup(&code);
		/* A kernel may be built without ORC. */
		if (!error || error == -ENOENT) {
			error = copy_text(&code);
			if (!error)
				error = want_all(&code);
			if (!error)
				error = add_lines(&code, &code.text);
		}
		if (!error && code.blocks)
			error = add_unwinding(&code);
	}
	free(code.text.wanted);
	free(code.ip.wanted);
	free(code.entries.wanted);
	free(code.lookup.wanted);
	free(code.blocks);
	free(code.text.changed);
	free(code.text_copy);
	return error == -ENOENT ? 0 : error;
}
