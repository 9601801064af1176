// SPDX-License-Identifier: LGPL-2.1-only
/* The registers of each CPU: as the dying kernel saved them, else as the source has them. */
#include "core-format.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t prstatus_size(uint32_t machine)
{
	switch (machine) {
	case EM_X86_64:
		return CORE_PRSTATUS_X86_64;
	case EM_AARCH64:
		return CORE_PRSTATUS_ARM64;
	default:
		return 0;
	}
}

bool prstatus_size_possible(size_t size, uint32_t machine)
{
	size_t expected = prstatus_size(machine);

	return expected ? size == expected : size >= CORE_PRSTATUS_MIN && size <= CORE_PRSTATUS_MAX;
}

static size_t padded(uint32_t size)
{
	return ((size_t)size + 3) & ~(size_t)3;
}

int note_next(const uint8_t *bytes, size_t length, size_t *offset, struct note *note)
{
	size_t at = *offset;
	Elf64_Nhdr header;

	if (at >= length)
		return 0;
	if (length - at < sizeof(header))
		return -EBADMSG;
	memcpy(&header, bytes + at, sizeof(header));
	at += sizeof(header);
	if (!header.n_namesz)
		return 0;
	if (padded(header.n_namesz) > length - at)
		return -EBADMSG;
	note->type = header.n_type;
	note->name = (const char *)bytes + at;
	note->name_size = header.n_namesz;
	at += padded(header.n_namesz);
	/* The padding of the last description may be missing. */
	if (header.n_descsz > length - at)
		return -EBADMSG;
	note->description = bytes + at;
	note->description_size = header.n_descsz;
	at += padded(header.n_descsz);
	*offset = at < length ? at : length;
	return 1;
}

int registers_from_crash_note(const uint8_t *bytes, size_t length, uint32_t machine,
			      struct note *note)
{
	size_t offset = 0;
	int found = note_next(bytes, length, &offset, note);

	if (found <= 0)
		return found;
	if (note->type != NT_PRSTATUS || note->name_size != sizeof("CORE") ||
	    memcmp(note->name, "CORE", sizeof("CORE")) != 0 ||
	    !prstatus_size_possible(note->description_size, machine))
		return -EBADMSG;
	return 1;
}

/* What is known of the CPUs before it is put in order. */
struct cpus {
	bool possible[MAX_CPUS];
	const struct meminspect_region *note[MAX_CPUS];
	const struct meminspect_registers *source[MAX_CPUS];
};

static int possible_from_mask(const struct meminspect_dump *dump, struct cpus *cpus, bool *known)
{
	const struct meminspect_region *mask = meminspect_dump_find(dump, "__cpu_possible_mask", -1);
	uint8_t *bits;
	size_t length;
	uint32_t cpu;

	*known = false;
	if (!mask || mask->verdict != MEMINSPECT_PRESENT)
		return 0;
	bits = region_contents(mask, &length);
	if (!bits)
		return -ENOMEM;
	for (cpu = 0; cpu < MAX_CPUS && cpu / 8 < length; cpu++) {
		if (dump->has_ident && cpu >= dump->ident.nr_cpus)
			break;
		cpus->possible[cpu] = bits[cpu / 8] >> cpu % 8 & 1;
		*known |= cpus->possible[cpu];
	}
	free(bits);
	return 0;
}

static int gather(const struct meminspect_dump *dump, const struct meminspect_memory *memory,
		  struct cpus *cpus)
{
	uint32_t machine = dump->has_ident ? dump->ident.machine : 0;
	bool known;
	uint32_t cpu;
	size_t i;
	int error = possible_from_mask(dump, cpus, &known);

	if (error)
		return error;
	for (cpu = 0; !known && dump->has_ident && cpu < dump->ident.nr_cpus && cpu < MAX_CPUS;
	     cpu++)
		cpus->possible[cpu] = true;
	known |= dump->has_ident && dump->ident.nr_cpus;

	/* Only where nothing tells which CPUs there are, those with registers are it. */
	for (i = 0; i < memory->nr_registers; i++) {
		cpu = memory->registers[i].cpu;
		if (cpu >= MAX_CPUS || !prstatus_size_possible(memory->registers[i].size, machine))
			continue;
		cpus->source[cpu] = &memory->registers[i];
		cpus->possible[cpu] |= !known;
	}
	for (i = 0; i < dump->nr_regions; i++) {
		const struct meminspect_region *region = &dump->regions[i];

		cpu = region->key;
		if (region->key_kind != MEMINSPECT_KEY_CPU || cpu >= MAX_CPUS ||
		    strcmp(region->name, "crash_note") != 0)
			continue;
		cpus->note[cpu] = region;
		cpus->possible[cpu] |= !known;
	}
	return 0;
}

static int set_prstatus(struct meminspect_registers *registers,
			enum meminspect_register_source source, const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, size);
	registers->source = source;
	registers->prstatus = copy;
	registers->size = size;
	return 0;
}

static int set_from_kernel(struct meminspect_registers *registers,
			   const struct meminspect_region *region, uint32_t machine)
{
	struct note note;
	uint8_t *bytes;
	size_t length;
	int error = 0;

	if (region->verdict != MEMINSPECT_PRESENT)
		return 0;
	bytes = region_contents(region, &length);
	if (!bytes)
		return -ENOMEM;
	if (registers_from_crash_note(bytes, length, machine, &note) == 1)
		error = set_prstatus(registers, MEMINSPECT_REGISTERS_KERNEL, note.description,
				     note.description_size);
	free(bytes);
	return error;
}

int registers_collect(struct meminspect_dump *dump, const struct meminspect_memory *memory)
{
	struct cpus *cpus = calloc(1, sizeof(*cpus));
	uint32_t machine = dump->has_ident ? dump->ident.machine : 0;
	size_t nr = 0;
	uint32_t cpu;
	int error;

	if (!cpus)
		return -ENOMEM;
	error = gather(dump, memory, cpus);
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		nr += cpus->possible[cpu];
	dump->registers = calloc(nr + 1, sizeof(*dump->registers));
	if (!error && !dump->registers)
		error = -ENOMEM;
	for (cpu = 0; !error && cpu < MAX_CPUS; cpu++) {
		struct meminspect_registers *registers = &dump->registers[dump->nr_registers];
		const struct meminspect_registers *source = cpus->source[cpu];

		if (!cpus->possible[cpu])
			continue;
		dump->nr_registers++;
		registers->cpu = cpu;
		registers->source = MEMINSPECT_REGISTERS_NONE;
		if (cpus->note[cpu])
			error = set_from_kernel(registers, cpus->note[cpu], machine);
		if (!error && !registers->prstatus && source)
			error = set_prstatus(registers, source->source, source->prstatus,
					     source->size);
	}
	free(cpus);
	return error;
}
