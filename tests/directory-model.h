/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directory in an image of RAM, built from directory.rst alone: neither the
 * kernel's writer nor the library's reader is used.
 */
#ifndef TESTS_DIRECTORY_MODEL_H
#define TESTS_DIRECTORY_MODEL_H

#include <linux/meminspect.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_MAX_CHUNKS 4096

struct model {
	uint64_t base;		/* physical address of ram[0] */
	size_t size;
	uint8_t *ram;
	uint64_t next_page;	/* of model_alloc() */
	uint32_t nr_chunks, nr_rows, used_rows, next_serial;
	uint64_t chunks[MODEL_MAX_CHUNKS][MEMINSPECT_COPIES];
};

/* RAM filled with 0xa5; a head chunk with an empty directory, ident all zero but its record. */
struct model *model_new(uint64_t base, size_t size);
void model_free(struct model *model);
/* Writes the image to a new file. */
void model_save(const struct model *model, const char *path);

/* Where a physical address is; dies if the image doesn't have it. */
void *model_at(const struct model *model, uint64_t paddr);
/* Address of whole pages that nobody uses; dies if there are no more. */
uint64_t model_alloc(struct model *model, size_t length);
/* As directory_read() and friends want to read. @priv is the model. */
int64_t model_read(void *priv, uint64_t paddr, void *buffer, size_t length);

/* Both return a pointer into copy @copy. */
struct meminspect_ident *model_ident(const struct model *model, int copy);
struct meminspect_capture *model_capture(const struct model *model, int copy);
struct meminspect_chunk_header *model_header(const struct model *model, uint32_t chunk, int copy);
uint64_t model_row_paddr(const struct model *model, uint32_t row, int copy);
void *model_row(const struct model *model, uint32_t row, int copy);

/* After a test wrote to a record of one copy: state VALID and the right checksum. */
void model_seal_ident(const struct model *model, int copy);
void model_seal_capture(const struct model *model, int copy);
void model_seal_header(const struct model *model, uint32_t chunk, int copy);
void model_seal_row(const struct model *model, uint32_t row, int copy);

/* Both copies at once. */
void model_set_ident(struct model *model, const struct meminspect_ident *ident);
void model_set_capture(struct model *model, const struct meminspect_capture *capture);

struct model_region {
	const char *name;
	uint16_t class;
	uint16_t key_kind;
	uint32_t key;
	uint64_t vaddr;
	uint32_t nr_extents;
	const struct meminspect_extent *extents;
};

/* Returns the number of the region's row. Chunks are added as they are needed. */
uint32_t model_add_region(struct model *model, const struct model_region *region);
/* One extent, contents copied to pages of their own; returns the row. */
uint32_t model_add_bytes(struct model *model, const char *name, uint16_t class, uint64_t vaddr,
			 const void *bytes, size_t length);
/* What policy keeps out; returns the row. */
uint32_t model_add_left_out(struct model *model, const char *name, uint16_t class, uint64_t size,
			    uint32_t reason);
/* Region "current" of a CPU, contents copied to pages of their own; returns the row. */
uint32_t model_add_current(struct model *model, uint32_t cpu,
			   const struct meminspect_current *current);
/* Sets @check right. */
void model_seal_half(struct meminspect_current_half *half);
/* State EMPTY in both copies. */
void model_empty_row(struct model *model, uint32_t row);

/*
 * What a small kernel leaves: ident, capture and the regions linux_banner,
 * init_uts_ns (two extents), vmcoreinfo, jiffies_64, __cpu_possible_mask and a
 * crash_note for each of MODEL_NR_CPUS CPUs. The note of CPU @unsaved_cpu is
 * empty.
 */
#define MODEL_NR_CPUS		4
#define MODEL_RELEASE		"6.12.0-model"
#define MODEL_JIFFIES		0x0123456789abcdefULL
#define MODEL_BOOT_TIME		1700000000000000000ULL
/* First byte of pr_reg in the prstatus of a CPU; the rest counts up. */
#define MODEL_REGISTER_BYTE(cpu) (0x10 * ((cpu) + 1))
#define MODEL_PRSTATUS_SIZE	336	/* x86_64 */
struct model *model_dead_kernel(uint64_t base, size_t size, uint32_t unsaved_cpu);

#endif /* TESTS_DIRECTORY_MODEL_H */
