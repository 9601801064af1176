// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kinfo page: how facts become the bytes of a layout, and how these get to
 * a page that firmware may read after any store.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/barrier.h>

#include "internal.h"
#include "kinfo.h"

static const struct {
	u16 size;
	u16 part;
} fields[MEMINSPECT_KINFO_NR_FIELDS] = {
#define FIELD(name, bytes, part)	{ (bytes), (part) },
	MEMINSPECT_KINFO_FIELDS(FIELD)
};

static const struct {
	const char *name;
	u16 size;
	u16 parts;
} layouts[MEMINSPECT_KINFO_NR_LAYOUTS] = {
#define LAYOUT(name, size, parts)	{ #name, (size), (parts) },
	MEMINSPECT_KINFO_LAYOUTS(LAYOUT)
};

/* As whose region policy sees a field. A field that is not here tells nothing. */
static const struct {
	enum meminspect_kinfo_field field;
	enum meminspect_class class;
	const char *name;
} owners[] = {
#define OWNER(field, class, name)					\
	{ MEMINSPECT_KINFO_##field, MEMINSPECT_CLASS_##class, name }
	OWNER(num_syms, SYMBOLS, "kallsyms_num_syms"),
	OWNER(relative_pa, SYMBOLS, "kallsyms_relative_base"),
	OWNER(offsets_pa, SYMBOLS, "kallsyms_offsets"),
	OWNER(names_pa, SYMBOLS, "kallsyms_names"),
	OWNER(token_table_pa, SYMBOLS, "kallsyms_token_table"),
	OWNER(token_index_pa, SYMBOLS, "kallsyms_token_index"),
	OWNER(markers_pa, SYMBOLS, "kallsyms_markers"),
	OWNER(seqs_of_names_pa, SYMBOLS, "kallsyms_seqs_of_names"),
	OWNER(v2_seqs_of_names_pa, SYMBOLS, "kallsyms_seqs_of_names"),
	OWNER(text_pa, IDENTITY, "_text"),
	OWNER(stext_pa, IDENTITY, "_stext"),
	OWNER(etext_pa, IDENTITY, "_etext"),
	OWNER(sinittext_pa, IDENTITY, "_sinittext"),
	OWNER(einittext_pa, IDENTITY, "_einittext"),
	OWNER(end_pa, IDENTITY, "_end"),
	OWNER(release, IDENTITY, "init_uts_ns"),
	OWNER(build_info, IDENTITY, "linux_banner"),
	OWNER(swapper_pg_dir_pa, PAGETABLE, "swapper_pg_dir"),
	OWNER(modules_tree_lookup, MODULE, "modules"),
	OWNER(mod_mem_offset, MODULE, "modules"),
	OWNER(mod_kallsyms_offset, MODULE, "modules"),
};

/**
 * meminspect_kinfo_find_layout - layout by its name
 * @name: its name
 *
 * Context: Any.
 *
 * Return: the layout, or -EINVAL if none has that name.
 */
int meminspect_kinfo_find_layout(const char *name)
{
	int layout;

	for (layout = 0; layout < MEMINSPECT_KINFO_NR_LAYOUTS; layout++)
		if (!strcmp(layouts[layout].name, name))
			return layout;
	return -EINVAL;
}

/**
 * meminspect_kinfo_layout_name - name of a layout
 * @layout: the layout
 *
 * Context: Any.
 *
 * Return: its name.
 */
const char *meminspect_kinfo_layout_name(enum meminspect_kinfo_layout layout)
{
	return layouts[layout].name;
}

/**
 * meminspect_kinfo_layout_size - size of a layout
 * @layout: the layout
 *
 * Context: Any.
 *
 * Return: its bytes, with magic and checksum.
 */
size_t meminspect_kinfo_layout_size(enum meminspect_kinfo_layout layout)
{
	return layouts[layout].size;
}

/**
 * meminspect_kinfo_ask_policy - forget what may not be told
 * @facts: what is known; what policy refuses becomes 0, or NULL
 *
 * Context: Any, when policy is settled.
 */
void meminspect_kinfo_ask_policy(struct kinfo_facts *facts)
{
	struct inspect_entry entry = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		entry.name = owners[i].name;
		entry.type = owners[i].class;
		entry.size = facts->size[owners[i].field];
		entry.pa = entry.size ? facts->number[owners[i].field] : 0;
		if (meminspect_may_tell(&entry))
			continue;
		facts->number[owners[i].field] = 0;
		if (owners[i].field == MEMINSPECT_KINFO_release)
			facts->release = NULL;
		if (owners[i].field == MEMINSPECT_KINFO_build_info)
			facts->build_info = NULL;
	}
}

/* Text without its last end of line; a zero is behind it in any case. */
static void put_text(u8 *to, size_t size, const char *text)
{
	size_t length = text ? strnlen(text, size - 1) : 0;

	if (length && text[length - 1] == '\n')
		length--;
	memcpy(to, text ?: "", length);
}

static void put_number(u8 *to, size_t size, u64 number)
{
	u8 byte = number;
	u16 half = number;
	u32 word = number;

	if (size == sizeof(byte))
		memcpy(to, &byte, sizeof(byte));
	else if (size == sizeof(half))
		memcpy(to, &half, sizeof(half));
	else if (size == sizeof(word))
		memcpy(to, &word, sizeof(word));
	else
		memcpy(to, &number, sizeof(number));
}

/**
 * meminspect_kinfo_format - make a page of facts
 * @image: set to the page
 * @layout: layout that it gets
 * @facts: what it tells
 *
 * Context: Any.
 */
void meminspect_kinfo_format(struct kinfo_image *image,
			     enum meminspect_kinfo_layout layout,
			     const struct kinfo_facts *facts)
{
	u8 *at = (u8 *)image->words + MEMINSPECT_KINFO_START;
	u32 checksum = 0;
	unsigned int i;

	memset(image, 0, sizeof(*image));
	for (i = 0; i < MEMINSPECT_KINFO_NR_FIELDS; i++) {
		if (fields[i].part && !(fields[i].part & layouts[layout].parts))
			continue;
		if (i == MEMINSPECT_KINFO_release)
			put_text(at, fields[i].size, facts->release);
		else if (i == MEMINSPECT_KINFO_build_info)
			put_text(at, fields[i].size, facts->build_info);
		else
			put_number(at, fields[i].size, facts->number[i]);
		at += fields[i].size;
	}
	image->nr_words = layouts[layout].size / sizeof(u32);
	for (i = MEMINSPECT_KINFO_START / sizeof(u32); i < image->nr_words; i++)
		checksum ^= image->words[i];
	image->words[0] = MEMINSPECT_KINFO_MAGIC;
	image->words[MEMINSPECT_KINFO_CHECKSUM / sizeof(u32)] = checksum;
}

/**
 * meminspect_kinfo_clear - take a page back
 * @page: where firmware looks for it, mapped so that stores reach RAM
 * @nr_words: how many words of it are ours
 *
 * Context: Any. The caller sees to it that nobody else writes to the page.
 */
void meminspect_kinfo_clear(u32 *page, unsigned int nr_words)
{
	unsigned int i;

	WRITE_ONCE(page[0], 0);
	/* No field changes while there is a magic: whoever reads RAM takes no lock. */
	wmb();
	for (i = 1; i < nr_words; i++)
		WRITE_ONCE(page[i], 0);
	/* Whoever goes on, to unmap it or to start another kernel, finds it so. */
	wmb();
}

/**
 * meminspect_kinfo_publish - let firmware see a page
 * @page: where firmware looks for it, mapped so that stores reach RAM
 * @image: the page
 *
 * After any store the page is either without magic, or all of it is there.
 *
 * Context: Any. The caller sees to it that nobody else writes to the page.
 */
void meminspect_kinfo_publish(u32 *page, const struct kinfo_image *image)
{
	const unsigned int checksum = MEMINSPECT_KINFO_CHECKSUM / sizeof(u32);
	unsigned int i;

	WRITE_ONCE(page[0], 0);
	/* Firmware, or a kernel before this one, may have left a valid page. */
	wmb();
	for (i = MEMINSPECT_KINFO_START / sizeof(u32); i < image->nr_words; i++)
		WRITE_ONCE(page[i], image->words[i]);
	/* The checksum says that all of the above is there... */
	wmb();
	WRITE_ONCE(page[checksum], image->words[checksum]);
	/* ...and the magic that the checksum is. */
	wmb();
	WRITE_ONCE(page[0], image->words[0]);
	/* It is there from now on, not some time later. */
	wmb();
}

/**
 * meminspect_kinfo_find_base - what addresses in kallsyms are relative to
 * @nr: number of symbols
 * @offsets: offset of each of them
 * @address: gives the address of a symbol
 * @base: set to the base
 * @absolute_percpu: set to true if only negative offsets are relative
 *
 * Kernels differ in how they encode addresses. All symbols are looked at, as no
 * option says which way it is.
 *
 * Context: Any; takes time.
 *
 * Return: false if they are not relative to one address that all share.
 */
bool meminspect_kinfo_find_base(unsigned int nr, const int *offsets,
				unsigned long (*address)(int index),
				unsigned long *base, bool *absolute_percpu)
{
	bool plain = nr, percpu = nr;
	unsigned long plain_base = 0, percpu_base = 0;
	bool known = false;
	unsigned int i;

	if (nr)
		plain_base = address(0) - (u32)offsets[0];
	for (i = 0; i < nr && (plain || percpu); i++) {
		unsigned long va = address(i);

		plain = plain && va == plain_base + (u32)offsets[i];
		if (offsets[i] >= 0) {
			percpu = percpu && va == (u32)offsets[i];
			continue;
		}
		if (!known)
			percpu_base = va + 1 + offsets[i];
		known = true;
		percpu = percpu && va == percpu_base - 1 - offsets[i];
	}
	if (plain && plain_base) {
		*base = plain_base;
		*absolute_percpu = false;
		return true;
	}
	*base = percpu_base;
	*absolute_percpu = percpu && known;
	return *absolute_percpu;
}
