// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Page tables of a kernel of which no more is known than where they start. The
 * format is the one that leads to the kernel's image.
 */
#include "internal.h"
#include "little-endian.h"
#include <elf.h>
#include <errno.h>

struct table_format {
	uint8_t page_shift;
	uint8_t va_bits;
	bool arm64;	/* else x86 */
};

/* Those that a kernel can be built for. The commonest of phones come first. */
static const struct table_format formats[] = {
	{ 12, 39, true }, { 12, 48, true }, { 14, 47, true }, { 14, 36, true }, { 14, 48, true },
	{ 16, 42, true }, { 16, 48, true }, { 16, 52, true }, { 12, 52, true }, { 14, 52, true },
	{ 12, 48, false }, { 12, 57, false },
};

const struct table_format *page_tables_format(const struct meminspect_ident *ident)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i].arm64 == (ident->machine == EM_AARCH64) &&
		    formats[i].va_bits == ident->va_bits && 1U << formats[i].page_shift == ident->page_size)
			return &formats[i];
	return NULL;
}

/* An entry: 0 if nothing is there, else its bits. All known formats are little endian. */
static uint64_t read_entry(struct meminspect_memory *memory, uint64_t paddr)
{
	uint8_t bytes[8];

	if (meminspect_memory_read(memory, paddr, bytes, sizeof(bytes)) != sizeof(bytes))
		return 0;
	return get64(bytes);
}

static bool is_leaf(const struct table_format *format, uint64_t entry, unsigned int level)
{
	if (!level)
		return true;
	return format->arm64 ? (entry & 3) == 1 : entry & 0x80;
}

static bool is_valid(const struct table_format *format, uint64_t entry, unsigned int level)
{
	/* What would be a block of the smallest size means nothing on arm64. */
	return format->arm64 && !level ? (entry & 3) == 3 : entry & 1;
}

/* A kernel maps itself so; the bit is another one, which tells these two apart. */
static bool is_accessed(const struct table_format *format, uint64_t entry)
{
	return entry & (format->arm64 ? 0x400 : 0x20);
}

int page_tables_translate(struct meminspect_memory *memory, uint64_t root,
			  const struct table_format *format, uint64_t vaddr, uint64_t *paddr)
{
	const unsigned int bits = format->page_shift - 3;
	const uint64_t upper = UINT64_MAX << (format->arm64 ? format->va_bits :
							      format->va_bits - 1);
	const uint64_t address_bits = (UINT64_C(1) << (format->arm64 ? 48 : 52)) - 1;
	unsigned int level = (format->va_bits - format->page_shift + bits - 1) / bits;
	uint64_t table = root;

	/* Bit 55 chooses the kernel's tables; above and below may be a signature of the pointer. */
	if (format->arm64 && vaddr & UINT64_C(1) << 55)
		vaddr |= upper;
	if ((vaddr & upper) != upper)
		return -ENXIO;
	while (level--) {
		unsigned int shift = format->page_shift + level * bits;
		unsigned int index_bits = shift + bits > format->va_bits ?
					  format->va_bits - shift : bits;
		uint64_t index = vaddr >> shift & ((UINT64_C(1) << index_bits) - 1);
		uint64_t entry = read_entry(memory, table + index * 8);
		uint64_t within = (UINT64_C(1) << shift) - 1;

		if (!is_valid(format, entry, level))
			return -ENXIO;
		if (is_leaf(format, entry, level)) {
			if (!is_accessed(format, entry))
				return -ENXIO;
			*paddr = (entry & address_bits & ~within) | (vaddr & within);
			return 0;
		}
		table = entry & address_bits & (UINT64_MAX << format->page_shift);
	}
	return -ENXIO;
}

static bool leads_to(struct meminspect_memory *memory, uint64_t root,
		     const struct table_format *format, uint64_t vaddr, uint64_t paddr)
{
	uint64_t found;

	return !page_tables_translate(memory, root, format, vaddr, &found) && found == paddr;
}

const struct table_format *page_tables_recognise(struct meminspect_memory *memory, uint64_t root,
						 uint64_t vaddr, uint64_t first, uint64_t last,
						 uint64_t end)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct table_format *format = &formats[i];
		uint64_t va = vaddr, paddr;

		if (format->arm64 && va & UINT64_C(1) << 55)
			va |= UINT64_MAX << format->va_bits;
		if (!page_tables_translate(memory, root, format, va, &paddr) &&
		    paddr >= first && paddr < end &&
		    leads_to(memory, root, format, va - (paddr - first), first) &&
		    leads_to(memory, root, format, va + (last - paddr), last))
			return format;
	}
	return NULL;
}
