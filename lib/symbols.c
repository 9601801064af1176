// SPDX-License-Identifier: LGPL-2.1-only
/* Which symbol of a dead kernel is at an address. */
#include "kallsyms.h"
#include "sorted.h"
#include <errno.h>

size_t meminspect_symbols_count(const struct meminspect_symbols *symbols)
{
	return symbols->nr;
}

void meminspect_symbols_set_text(struct meminspect_symbols *symbols, uint64_t vaddr)
{
	uint64_t text = NUMBER(symbols, text_pa) ?: NUMBER(symbols, relative_pa) ?:
			NUMBER(symbols, stext_pa);

	symbols->text_known = true;
	symbols->distance = vaddr - text;
}

/* What has symbols: without KALLSYMS_ALL, only code has. */
static bool has_symbols(const struct meminspect_symbols *symbols, uint64_t paddr)
{
	uint64_t start = NUMBER(symbols, text_pa) ?: NUMBER(symbols, stext_pa);

	if (NUMBER(symbols, enabled_all))
		return paddr >= start && paddr < NUMBER(symbols, end_pa);
	return (paddr >= NUMBER(symbols, stext_pa) && paddr < NUMBER(symbols, etext_pa)) ||
	       (paddr >= NUMBER(symbols, sinittext_pa) && paddr < NUMBER(symbols, einittext_pa));
}

static int to_physical(struct meminspect_symbols *symbols, uint64_t address, uint64_t *paddr)
{
	uint64_t root = NUMBER(symbols, swapper_pg_dir_pa);
	uint64_t first = NUMBER(symbols, stext_pa), end = NUMBER(symbols, etext_pa);
	uint64_t image_end = NUMBER(symbols, end_pa) > end ? NUMBER(symbols, end_pa) : end;

	*paddr = address - symbols->distance;
	if (symbols->text_known && has_symbols(symbols, *paddr))
		return 0;
	*paddr = address;
	if (has_symbols(symbols, address))
		return 0;
	if (!root || !first || end <= first)
		return -ENXIO;
	if (!symbols->format)
		symbols->format = page_tables_recognise(symbols->memory, root, address, first,
							end - 1, image_end);
	if (!symbols->format)
		return -ENXIO;
	return page_tables_translate(symbols->memory, root, symbols->format, address, paddr);
}

/* The first address behind all of a symbol's names. */
static uint64_t end_of(const struct meminspect_symbols *symbols, uint32_t at, uint64_t paddr)
{
	const uint64_t address = symbols->sorted[at].address;
	const uint64_t ends[] = {
		NUMBER(symbols, etext_pa), NUMBER(symbols, einittext_pa), NUMBER(symbols, end_pa),
	};

	while (at < symbols->nr_sorted && symbols->sorted[at].address == address)
		at++;
	if (at < symbols->nr_sorted)
		return symbols->sorted[at].address;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (paddr < ends[i])
			return ends[i];
	return paddr;
}

int meminspect_symbols_find(struct meminspect_symbols *symbols, uint64_t address,
			    struct meminspect_symbol *symbol)
{
	uint64_t paddr, start;
	size_t low;
	int error = to_physical(symbols, address, &paddr);

	if (error)
		return error;
	symbol->paddr = paddr;
	if (!has_symbols(symbols, paddr))
		return -ENOENT;
	low = sorted_up_to(symbols->sorted, symbols->nr_sorted, sizeof(*symbols->sorted), paddr);
	if (!low)
		return -ENOENT;
	start = symbols->sorted[--low].address;
	/* Of several names for one address the kernel shows the first one. */
	while (low && symbols->sorted[low - 1].address == start)
		low--;
	symbols_expand(symbols, symbols->sorted[low].name, KALLSYMS_MAX_NAME);
	symbol->name = symbols->name;
	symbol->offset = paddr - start;
	symbol->size = end_of(symbols, low, paddr) - start;
	return 0;
}
