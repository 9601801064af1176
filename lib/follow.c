// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Follows pointers through the memory of a dead machine, by rules and by the
 * types that vmlinux describes. What is reached is collected in whole pages:
 * there are thousands of small objects, and the host sees all of RAM anyway.
 *
 * Nothing that is read is trusted: each object is visited once, each list ends,
 * and so does all of it.
 */
#include "complete.h"
#include "follow.h"
#include "little-endian.h"
#include "types.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OBJECTS	(1U << 21)
#define MAX_ELEMENTS	(1U << 22)	/* of a list, a tree or an array */
#define MAX_OBJECT	(256U << 10)
#define MAX_ERRNO_PAGE	4096U
#define MAX_STRING	256U
#define MAX_VARIABLE	(16U << 20)
#define XARRAY_NODE	2U		/* in the lowest bits of what stands in a slot */
#define XARRAY_FIRST	4096U		/* below are no nodes */
/* Of what points to a node of a maple tree */
#define MAPLE_NODE_BITS	0xffU
#define MAPLE_KIND_SHIFT 3U
#define MAPLE_KIND_BITS	0xfU
enum { MAPLE_LEAF = 1, MAPLE_RANGE = 2, MAPLE_ARANGE = 3 };
/* Of kmem_cache.oo, mm/slub.c */
#define SLAB_ORDER_SHIFT 16
#define MAX_SLAB_ORDER	5U
#define PER_CPU_OFFSETS	"__per_cpu_offset"

struct type {
	const char *name;
	uint64_t size;
	uint64_t link;		/* offset, where this is a tree that is walked */
};

struct object {
	uint64_t vaddr;
	unsigned int type;
};

/* A rule, with what the types say of it: looking up a name takes long. */
struct step {
	enum follow_kind kind;
	unsigned int from;	/* index of a type; 0: of a variable */
	unsigned int to;	/* 0 if it leads to no struct */
	struct type_member member;
	struct type_member link;	/* of @to; or that of @from which counts */
};

#define MAX_STEPS 128
/* 0 is none */
#define FIRST_TYPE 1U

static const char bytes_name[] = "bytes";

struct follower {
	struct completion *completion;
	enum meminspect_level level;
	struct types *types;
	struct follow_pages *pages;
	unsigned int nr_cpus, nr_nodes;
	uint64_t *percpu_offsets;
	uint64_t stack_size, struct_page_size, memory_map;
	struct type_member rb_left, rb_right, xa_slots, maple_slots, maple_arange_slots;

	size_t nr_types, nr_steps;
	struct type type[MAX_STEPS];
	struct step steps[MAX_STEPS];

	/* Hashed, with open addresses; the size is a power of two */
	uint64_t multiplier;
	size_t objects_size;
	struct object *seen;

	size_t nr_objects, next_object, objects_room;
	struct object *objects;
	bool too_much;
	int error;
};

static size_t place_of(const struct follower *follower, const struct object *object, size_t size)
{
	return follow_hash(object->vaddr ^ (uint64_t)object->type << 56, follower->multiplier, size);
}

/* A word that can be a pointer to something; 0 if there is none. */
static uint64_t read_pointer(struct follower *follower, uint64_t vaddr)
{
	uint8_t bytes[8];
	uint64_t word;

	if (!follow_read(follower->pages, vaddr, bytes, sizeof(bytes)))
		return 0;
	word = get64(bytes);
	/* Neither an address of a user, nor an errno */
	return word >> 63 && word < -(uint64_t)MAX_ERRNO_PAGE ? word : 0;
}

/* 0 if the kernel has no such type, or one that is too large to be true. */
static unsigned int find_type(struct follower *follower, const char *name, uint64_t link)
{
	uint64_t size;

	for (unsigned int i = FIRST_TYPE; i < follower->nr_types; i++)
		if (!strcmp(follower->type[i].name, name) && follower->type[i].link == link)
			return i;
	if (follower->nr_types == ARRAY_SIZE(follower->type) ||
	    types_size(follower->types, name, &size) || !size || size > MAX_OBJECT)
		return 0;
	follower->type[follower->nr_types] = (struct type) { name, size, link };
	return follower->nr_types++;
}

static bool grow_objects(struct follower *follower)
{
	size_t room = follower->objects_room ? 2 * follower->objects_room : 1024;
	struct object *objects = reallocarray(follower->objects, room, sizeof(*objects));
	struct object *seen = calloc(2 * room, sizeof(*seen));

	if (objects)
		follower->objects = objects;
	if (!objects || !seen) {
		free(seen);
		follower->error = -ENOMEM;
		return false;
	}
	for (size_t i = 0; i < follower->nr_objects; i++) {
		size_t at = place_of(follower, &objects[i], 2 * room);

		while (seen[at].vaddr)
			at = (at + 1) & (2 * room - 1);
		seen[at] = objects[i];
	}
	free(follower->seen);
	follower->seen = seen;
	follower->objects_size = 2 * room;
	follower->objects_room = room;
	return true;
}

/* False if it was seen before. */
static bool see(struct follower *follower, uint64_t vaddr, unsigned int type)
{
	size_t at;

	if (follower->nr_objects == follower->objects_room && !grow_objects(follower))
		return false;
	at = place_of(follower, &(struct object) { vaddr, type }, follower->objects_size);
	for (; follower->seen[at].vaddr; at = (at + 1) & (follower->objects_size - 1))
		if (follower->seen[at].vaddr == vaddr && follower->seen[at].type == type)
			return false;
	if (follower->nr_objects == MAX_OBJECTS) {
		follower->too_much = true;
		return false;
	}
	follower->seen[at] = (struct object) { vaddr, type };
	follower->objects[follower->nr_objects++] = follower->seen[at];
	return true;
}

static void visit(struct follower *follower, uint64_t vaddr, unsigned int type)
{
	if (vaddr && see(follower, vaddr, type))
		follow_take(follower->pages, vaddr, follower->type[type].size, follower->type[type].name);
}

/* A list that is not circular ends in a null pointer. */
static void follow_list(struct follower *follower, uint64_t head, unsigned int type, uint64_t link)
{
	uint64_t node = read_pointer(follower, head);

	for (unsigned int i = 0; node && node != head && i < MAX_ELEMENTS; i++) {
		visit(follower, node - link, type);
		node = read_pointer(follower, node);
	}
}

/* Nodes of trees are objects of their own kind, so that each is visited once. */
static void follow_rbtree(struct follower *follower, uint64_t root, unsigned int type, uint64_t link)
{
	unsigned int node_type = find_type(follower, "rb_node", link + 1);
	uint64_t node = read_pointer(follower, root);
	size_t next = follower->nr_objects;

	if (node && node_type)
		visit(follower, node, node_type);
	for (; next < follower->nr_objects; next++) {
		const struct object object = follower->objects[next];

		if (object.type != node_type)
			continue;
		visit(follower, object.vaddr - link, type);
		visit(follower, read_pointer(follower, object.vaddr + follower->rb_left.offset), node_type);
		visit(follower, read_pointer(follower, object.vaddr + follower->rb_right.offset), node_type);
	}
}

static void follow_xarray_entry(struct follower *follower, uint64_t entry, unsigned int node_type,
				unsigned int type)
{
	if (!entry)
		return;
	if (entry % 4 == XARRAY_NODE && entry > XARRAY_FIRST)
		visit(follower, entry - XARRAY_NODE, node_type);
	else if (entry % 4 == 0)
		visit(follower, entry, type);
}

static void follow_xarray(struct follower *follower, uint64_t head, unsigned int type)
{
	unsigned int node_type = find_type(follower, "xa_node", 0);
	size_t next = follower->nr_objects;

	if (!node_type)
		return;
	follow_xarray_entry(follower, read_pointer(follower, head), node_type, type);
	for (; next < follower->nr_objects; next++) {
		const struct object object = follower->objects[next];

		for (uint64_t i = 0; object.type == node_type && i < follower->xa_slots.nr; i++)
			follow_xarray_entry(follower,
					    read_pointer(follower, object.vaddr +
							 follower->xa_slots.offset + 8 * i),
					    node_type, type);
	}
}

/* As lib/maple_tree.c encodes what points to a node: its type, above bits that say other things. */
static void follow_maple_node(struct follower *follower, uint64_t entry, unsigned int node_type,
			      unsigned int type)
{
	const struct type_member *slots = &follower->maple_slots;
	uint64_t node = entry & ~(uint64_t)MAPLE_NODE_BITS;
	unsigned int kind = entry >> MAPLE_KIND_SHIFT & MAPLE_KIND_BITS;

	if (kind == MAPLE_ARANGE)
		slots = &follower->maple_arange_slots;
	else if (kind != MAPLE_LEAF && kind != MAPLE_RANGE)
		return;
	follow_take(follower->pages, node, MAPLE_NODE_BITS + 1,
		    follower->type[node_type].name);
	for (uint64_t i = 0; i < slots->nr; i++) {
		entry = read_pointer(follower, node + slots->offset + 8 * i);
		if (kind != MAPLE_LEAF)
			visit(follower, entry, node_type);
		else if (entry % 4 == 0)
			visit(follower, entry, type);
	}
}

static void follow_maple(struct follower *follower, uint64_t root, unsigned int type)
{
	unsigned int node_type = find_type(follower, "maple_node", 1);
	size_t next = follower->nr_objects;
	uint64_t entry = read_pointer(follower, root);

	if (!node_type || !entry)
		return;
	/* A tree of one entry may have no node. */
	visit(follower, entry, entry % 4 == XARRAY_NODE ? node_type : type);
	for (; next < follower->nr_objects; next++)
		if (follower->objects[next].type == node_type)
			follow_maple_node(follower, follower->objects[next].vaddr, node_type, type);
}

/* Where the memory map, an array of struct page, begins in virtual addresses; 0 if unknown */
static uint64_t find_memory_map(struct follower *follower)
{
	const struct completion *completion = follower->completion;
	uint64_t address, size;

	/* x86 places it at random, arm64 tells in VMCOREINFO where it is. */
	if (!vmlinux_symbol(completion->vmlinux, "vmemmap_base", &address, &size))
		return read_pointer(follower, address + completion->kaslr_offset);
	if (!completion->dump->vmcoreinfo ||
	    meminspect_vmcoreinfo_number(completion->dump->vmcoreinfo, "NUMBER(VMEMMAP_START)", 16,
					 &address))
		return 0;
	return address;
}

/* Physical address of the page that the first struct page is of: on arm64 the first of the linear map. */
static uint64_t memory_map_base(const struct meminspect_ident *ident)
{
	return ident->machine == EM_X86_64 ? 0 : ident->phys_offset;
}

static void take_struct_page(struct follower *follower, uint64_t paddr)
{
	const struct meminspect_ident *ident = follower->completion->ident;
	uint64_t number = (paddr - memory_map_base(ident)) / ident->page_size;

	follow_take(follower->pages, follower->memory_map + number *
		    follower->struct_page_size, follower->struct_page_size, "page");
}

/* Of each page that it has bytes of: it may start at the end of one. */
static void take_struct_pages_of(struct follower *follower, const struct meminspect_piece *piece)
{
	const uint64_t page_size = follower->completion->ident->page_size;
	uint64_t within = piece->paddr % page_size;

	for (uint64_t at = 0; piece->present && at < within + piece->present; at += page_size)
		take_struct_page(follower, piece->paddr - within + at);
}

/*
 * crash shows zeros, without a word, for the struct page of an address that it
 * translates if it can't read it.
 */
static int take_struct_pages(struct follower *follower)
{
	const struct completion *completion = follower->completion;
	uint64_t *taken;
	size_t nr;

	if (!follower->memory_map || !follower->struct_page_size)
		return 0;
	taken = follow_pages_taken(follower->pages, &nr);
	if (!taken)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		take_struct_page(follower, taken[i]);
	free(taken);
	for (size_t i = 0; i < completion->nr_collected; i++) {
		const struct meminspect_region *region = &completion->dump->regions[i];

		for (size_t j = 0; j < region->nr_pieces; j++)
			take_struct_pages_of(follower, &region->pieces[j]);
	}
	return 0;
}

/* The objects of a slab that are free are linked in themselves. @oo: as in struct kmem_cache. */
static void take_slab(struct follower *follower, uint64_t slab, uint64_t oo)
{
	const struct meminspect_ident *ident = follower->completion->ident;
	uint64_t page_size = ident->page_size, paddr;
	uint8_t bytes[4];
	unsigned int order;

	if (!follower->memory_map || slab < follower->memory_map || !follower->struct_page_size ||
	    !follow_read(follower->pages, oo, bytes, sizeof(bytes)))
		return;
	order = get32(bytes) >> SLAB_ORDER_SHIFT;
	if (order > MAX_SLAB_ORDER)
		return;
	paddr = memory_map_base(ident) +
		(slab - follower->memory_map) / follower->struct_page_size * page_size;
	follow_take(follower->pages, paddr - ident->phys_offset + ident->page_offset,
		    page_size << order, "slab_objects");
}

static void take_string(struct follower *follower, uint64_t vaddr)
{
	uint64_t length = 0;
	char byte = 1;

	while (byte && length < MAX_STRING && follow_read(follower->pages, vaddr + length, &byte, 1))
		length++;
	follow_take(follower->pages, vaddr, length, bytes_name);
}

/* What leads from an address of per-CPU data to that of each CPU; 0 if it is unknown. -ENOMEM. */
static int find_percpu_offsets(struct follower *follower)
{
	struct completion *completion = follower->completion;
	unsigned int nr = completion->ident->nr_cpus;
	uint64_t address, size;
	uint8_t bytes[8];

	follower->nr_cpus = nr < MAX_CPUS ? nr : MAX_CPUS;
	follower->percpu_offsets = calloc(follower->nr_cpus + 1, sizeof(*follower->percpu_offsets));
	if (!follower->percpu_offsets)
		return -ENOMEM;
	if (vmlinux_symbol(completion->vmlinux, PER_CPU_OFFSETS, &address, &size))
		return 0;
	address += completion->kaslr_offset;
	for (unsigned int cpu = 0; cpu < follower->nr_cpus && cpu < size / 8; cpu++)
		if (follow_read(follower->pages, address + 8 * cpu, bytes, sizeof(bytes)))
			follower->percpu_offsets[cpu] = get64(bytes);
	return 0;
}

/* Then neither reading nor visiting leads on, but a hostile machine has counts to try that for. */
static bool is_over(const struct follower *follower)
{
	return follower->error || follower->too_much || follow_pages_too_much(follower->pages);
}

static void follow_percpu(struct follower *follower, uint64_t at, unsigned int type)
{
	uint8_t bytes[8];
	uint64_t offset;

	if (!follow_read(follower->pages, at, bytes, sizeof(bytes)) || !get64(bytes))
		return;
	for (unsigned int cpu = 0; cpu < follower->nr_cpus && !is_over(follower); cpu++) {
		offset = follower->percpu_offsets[cpu];
		if (offset && type)
			visit(follower, get64(bytes) + offset, type);
		else if (offset)
			follow_take(follower->pages, get64(bytes) + offset, sizeof(bytes), bytes_name);
	}
}

/* The number that a member of the object at @vaddr says */
static uint64_t count_of(struct follower *follower, const struct step *step, uint64_t vaddr)
{
	uint8_t bytes[8] = "";

	if (step->link.size > sizeof(bytes) ||
	    !follow_read(follower->pages, vaddr + step->link.offset, bytes, step->link.size))
		return 0;
	return get64(bytes) < MAX_ELEMENTS ? get64(bytes) : MAX_ELEMENTS;
}

static void follow_pointers(struct follower *follower, uint64_t array, uint64_t nr, unsigned int type)
{
	if (!array || !nr)
		return;
	follow_take(follower->pages, array, 8 * nr, follower->type[type].name);
	for (uint64_t i = 0; i < nr && !is_over(follower); i++)
		visit(follower, read_pointer(follower, array + 8 * i), type);
}

/* The member is at @at, and is one of the object at @vaddr. */
static void follow_one(struct follower *follower, const struct step *step, uint64_t vaddr, uint64_t at)
{
	uint64_t pointer = read_pointer(follower, at);

	switch (step->kind) {
	case FOLLOW_OBJECT:
		visit(follower, at, step->to);
		break;
	case FOLLOW_POINTER:
	case FOLLOW_NODES:
		if (pointer)
			visit(follower, pointer - step->link.offset, step->to);
		break;
	case FOLLOW_POINTERS:
		follow_pointers(follower, pointer, count_of(follower, step, vaddr), step->to);
		break;
	case FOLLOW_PERCPU:
		follow_percpu(follower, at, step->to);
		break;
	case FOLLOW_LIST:
		follow_list(follower, at, step->to, step->link.offset);
		break;
	case FOLLOW_RBTREE:
		follow_rbtree(follower, at, step->to, step->link.offset);
		break;
	case FOLLOW_XARRAY:
		follow_xarray(follower, at, step->to);
		break;
	case FOLLOW_STRING:
		if (pointer)
			take_string(follower, pointer);
		break;
	case FOLLOW_STACK:
		if (pointer)
			follow_take(follower->pages, pointer, follower->stack_size,
				    follow_task_stack);
		break;
	case FOLLOW_STACK_TOP:
		if (pointer)
			follow_take(follower->pages, pointer + 8 - follower->stack_size,
				    follower->stack_size, follow_task_stack);
		break;
	case FOLLOW_BYTES:
		if (pointer)
			follow_take(follower->pages, pointer, count_of(follower, step, vaddr),
				    bytes_name);
		break;
	case FOLLOW_SLAB:
		if (pointer)
			take_slab(follower, vaddr, pointer + step->link.offset);
		break;
	case FOLLOW_MAPLE:
		follow_maple(follower, at, step->to);
		break;
	}
}

static void apply(struct follower *follower, const struct step *step, uint64_t vaddr)
{
	for (uint64_t i = 0; i < step->member.nr && i < MAX_ELEMENTS; i++)
		follow_one(follower, step, vaddr,
			   vaddr + step->member.offset + i * step->member.size);
}

/* False if the kernel has not what the rule is for. */
static bool resolve(struct follower *follower, const struct follow_rule *rule, struct step *step)
{
	const char *counted = rule->target && rule->kind != FOLLOW_POINTERS ? rule->target : rule->type;

	*step = (struct step) { .kind = rule->kind };
	if (rule->type) {
		step->from = find_type(follower, rule->type, 0);
		if (!step->from ||
		    types_member(follower->types, rule->type, rule->member, &step->member))
			return false;
	}
	if (rule->target) {
		step->to = find_type(follower, rule->target, 0);
		if (!step->to)
			return false;
	}
	if (step->kind == FOLLOW_NODES && step->member.nr > follower->nr_nodes)
		step->member.nr = follower->nr_nodes;
	return !rule->link || !types_member(follower->types, counted, rule->link, &step->link);
}

static void resolve_rules(struct follower *follower)
{
	for (size_t i = 0; i < nr_follow_rules && follower->nr_steps < MAX_STEPS; i++)
		if (resolve(follower, &follow_rules[i], &follower->steps[follower->nr_steps]))
			follower->nr_steps++;
}

static void apply_root(struct follower *follower, const struct follow_root *root,
		       const unsigned int *cpu, uint64_t vaddr, uint64_t size)
{
	struct step step;

	(void)cpu;
	if (!resolve(follower, &root->rule, &step))
		return;
	if (!root->rule.type) {
		bool is_object = step.kind == FOLLOW_OBJECT;
		bool is_array = is_object || step.kind == FOLLOW_POINTER || step.kind == FOLLOW_STRING;

		follow_take(follower->pages, vaddr, size, bytes_name);
		if (is_object && !step.to)
			return;
		step.member.size = is_object ? follower->type[step.to].size : 8;
		step.member.nr = is_array ? size / step.member.size : 1;
	}
	apply(follower, &step, vaddr);
}

static void add_variable(struct follower *follower, const struct follow_root *root,
			 const unsigned int *cpu, uint64_t vaddr, uint64_t size)
{
	if (!follower->error)
		follower->error = follow_add_variable(follower->pages, follower->completion, root->symbol,
						      cpu, vaddr, size);
}

/* Does the same with the variable of @root; where it is a per-CPU one, with that of each CPU. */
static void for_root(struct follower *follower, const struct follow_root *root,
		     void (*act)(struct follower *follower, const struct follow_root *root,
				 const unsigned int *cpu, uint64_t vaddr, uint64_t size))
{
	const struct completion *completion = follower->completion;
	uint64_t address, size, offset;

	if (vmlinux_symbol(completion->vmlinux, root->symbol, &address, &size))
		return;
	if (size > MAX_VARIABLE) {
		follower->too_much = true;
		return;
	}
	/* x86 had per-CPU data at addresses from 0 on, which do not move. */
	if (address >> 63)
		address += completion->kaslr_offset;
	if (!root->percpu) {
		act(follower, root, NULL, address, size);
		return;
	}
	for (unsigned int cpu = 0; cpu < follower->nr_cpus; cpu++) {
		offset = follower->percpu_offsets[cpu];
		if (offset)
			act(follower, root, &cpu, address + offset, size);
	}
}

static void add_variables(struct follower *follower)
{
	for (size_t i = 0; i < nr_follow_roots && !follower->error; i++)
		/* A variable with two rules stands there twice. */
		if (follow_roots[i].level <= follower->level &&
		    (!i || strcmp(follow_roots[i].symbol, follow_roots[i - 1].symbol)))
			for_root(follower, &follow_roots[i], add_variable);
}

static void follow_all(struct follower *follower)
{
	for (size_t i = 0; i < nr_follow_roots && !follower->error; i++)
		if (follow_roots[i].level <= follower->level)
			for_root(follower, &follow_roots[i], apply_root);
	for (; follower->next_object < follower->nr_objects && !follower->error;
	     follower->next_object++) {
		const struct object object = follower->objects[follower->next_object];

		if (follower->next_object % 1024 == 0)
			progress(follower->completion->context, "following pointers",
				 follower->next_object, follower->nr_objects);
		for (size_t i = 0; i < follower->nr_steps; i++)
			if (follower->steps[i].from == object.type)
				apply(follower, &follower->steps[i], object.vaddr);
	}
	progress(follower->completion->context, "following pointers", follower->nr_objects,
		 follower->nr_objects);
}

/* A kernel without NUMA has no such variable, and one node. */
static unsigned int find_nr_nodes(struct follower *follower)
{
	const struct completion *completion = follower->completion;
	uint64_t address, size;
	uint8_t bytes[4];

	if (vmlinux_symbol(completion->vmlinux, "nr_node_ids", &address, &size) ||
	    !follow_read(follower->pages, address + completion->kaslr_offset, bytes, sizeof(bytes)))
		return 1;
	return get32(bytes);
}

/* What all kernels have that describe their types; -EINVAL if this one does not. */
static int look_up_types(struct follower *follower)
{
	const struct vmlinux *vmlinux = follower->completion->vmlinux;
	uint64_t start, end, size;

	if (types_member(follower->types, "rb_node", "rb_left", &follower->rb_left) ||
	    types_member(follower->types, "rb_node", "rb_right", &follower->rb_right) ||
	    types_member(follower->types, "xa_node", "slots", &follower->xa_slots))
		return -EINVAL;
	/* No type has a stack's size, but the linker leaves as much for the first. */
	if (!vmlinux_symbol(vmlinux, "__start_init_stack", &start, &size) &&
	    !vmlinux_symbol(vmlinux, "__end_init_stack", &end, &size) && end - start <= MAX_OBJECT)
		follower->stack_size = end - start;
	/* What a kernel does not have has no slots. */
	if (types_member(follower->types, "maple_range_64", "slot", &follower->maple_slots))
		follower->maple_slots.nr = 0;
	if (types_member(follower->types, "maple_arange_64", "slot", &follower->maple_arange_slots))
		follower->maple_arange_slots.nr = 0;
	types_size(follower->types, "page", &follower->struct_page_size);
	follower->nr_nodes = find_nr_nodes(follower);
	follower->memory_map = find_memory_map(follower);
	resolve_rules(follower);
	return 0;
}

static int follow(struct follower *follower, const char *vmlinux)
{
	struct completion *completion = follower->completion;
	int error = look_up_types(follower);

	if (error)
		return fail(completion->context, error, "%s: its BTF does not describe a kernel", vmlinux);
	follower->error = find_percpu_offsets(follower);
	if (!follower->error)
		follow_all(follower);
	if (!follower->error && follower->level == MEMINSPECT_LEVEL_RICH)
		follower->error = take_struct_pages(follower);
	error = follower->error ? follower->error : follow_pages_error(follower->pages);
	if (!error)
		error = follow_pages_add(follower->pages, completion);
	if (!error) {
		add_variables(follower);
		error = follower->error ? follower->error : follow_pages_error(follower->pages);
	}
	if (!error && (follower->too_much || follow_pages_too_much(follower->pages)))
		error = dump_add_problem(completion->dump, "not all pointers were followed: there are more than in any machine");
	if (!error)
		error = completion_say_full(completion);
	return error ? fail(completion->context, error, "out of memory") : 0;
}

int complete_by_following(struct completion *completion, enum meminspect_level level,
			  const char *vmlinux)
{
	const struct table_format *format = page_tables_format(completion->ident);
	struct follower follower = {
		.completion = completion, .level = level, .nr_types = FIRST_TYPE,
		.multiplier = follow_random(),
	};
	int error;

	if (!completion->memory)
		return fail(completion->context, -ENODATA, "pointers can be followed where all of RAM is seen only");
	if (!format)
		return fail(completion->context, -ENOTSUP, "page tables of this kind are not known (%u bits, pages of %u bytes)",
			    completion->ident->va_bits, completion->ident->page_size);
	error = types_open(completion->context, vmlinux, &follower.types);
	if (error)
		return error;
	follower.pages = follow_pages_new(completion, format);
	error = follower.pages ? follow(&follower, vmlinux) :
				 fail(completion->context, -ENOMEM, "out of memory");
	follow_pages_free(follower.pages);
	free(follower.percpu_offsets);
	free(follower.objects);
	free(follower.seen);
	types_close(follower.types);
	return error;
}
