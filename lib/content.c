// SPDX-License-Identifier: LGPL-2.1-only
/* What the bytes of well-known regions must look like. */
#include "internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint8_t *region_contents(const struct meminspect_region *region, size_t *length)
{
	size_t size = 0;
	uint8_t *bytes;
	size_t i;

	for (i = 0; i < region->nr_pieces; i++)
		size += region->pieces[i].present;
	bytes = malloc(size + 1);
	if (!bytes)
		return NULL;
	*length = 0;
	for (i = 0; i < region->nr_pieces; i++) {
		const struct meminspect_piece *piece = &region->pieces[i];

		if (piece->present)
			memcpy(bytes + *length, piece->data, piece->present);
		*length += piece->present;
		if (piece->present < piece->length)
			break;
	}
	bytes[*length] = '\0';
	return bytes;
}

static const char *banner_fault(const struct meminspect_dump *dump, const uint8_t *bytes,
				size_t length)
{
	static const char start[] = "Linux version ";
	const char *release = (const char *)dump->ident.release;
	size_t release_length = strlen(release);

	if (length < sizeof(start) || memcmp(bytes, start, sizeof(start) - 1) != 0)
		return "it does not start with \"Linux version \"";
	bytes += sizeof(start) - 1;
	length -= sizeof(start) - 1;
	if (dump->has_ident && (length <= release_length || bytes[release_length] != ' ' ||
				memcmp(bytes, release, release_length) != 0))
		return "its release is not the one in the identification block";
	return NULL;
}

static const char *vmcoreinfo_fault(const struct meminspect_dump *dump, const uint8_t *bytes,
				    size_t size)
{
	const char *release = (const char *)dump->ident.release;
	const char *value;
	size_t length;

	if (size > MAX_VMCOREINFO)
		return "it is larger than any kernel's";
	value = meminspect_vmcoreinfo_value((const char *)bytes, "OSRELEASE", &length);
	if (!value)
		return "it has no line OSRELEASE=";
	if (dump->has_ident && (length != strlen(release) || memcmp(value, release, length) != 0))
		return "its OSRELEASE is not the release in the identification block";
	return NULL;
}

static const char *crash_note_fault(const struct meminspect_dump *dump, const uint8_t *bytes,
				    size_t length)
{
	struct note note;

	if (registers_from_crash_note(bytes, length, dump->has_ident ? dump->ident.machine : 0,
				      &note) < 0)
		return "it is neither empty nor a note CORE/NT_PRSTATUS of this machine's size";
	return NULL;
}

/*
 * Whoever copies RAM may leave zeros where reading failed. These regions have
 * other bytes before there is a directory.
 */
static const char *zeros_fault(const struct meminspect_dump *dump, const uint8_t *bytes,
			       size_t length)
{
	size_t i;

	(void)dump;
	for (i = 0; i < length; i++)
		if (bytes[i])
			return NULL;
	return "all of its bytes are zero, which no kernel leaves there: was this memory not copied?";
}

static const struct content {
	const char *name;
	const char *(*fault)(const struct meminspect_dump *dump, const uint8_t *bytes,
			     size_t length);
} contents[] = {
	{ "linux_banner", banner_fault },
	{ "vmcoreinfo", vmcoreinfo_fault },
	{ "crash_note", crash_note_fault },
	{ "init_uts_ns", zeros_fault },
	{ "prb", zeros_fault },
	{ "printk_rb_static", zeros_fault },
	{ "prb_descs", zeros_fault },
	{ "prb_infos", zeros_fault },
	{ "jiffies_64", zeros_fault },
	{ "__cpu_possible_mask", zeros_fault },
	{ "nr_cpu_ids", zeros_fault },
	{ "nr_irqs", zeros_fault },
	{ "node_states", zeros_fault },
	{ "page_offset_base", zeros_fault },
	{ "vmalloc_base", zeros_fault },
	{ "vmemmap_base", zeros_fault },
};

static int check_region(const struct meminspect_dump *dump, struct meminspect_region *region)
{
	const struct content *content = contents;
	const char *fault;
	uint8_t *bytes;
	size_t length;

	while (content < contents + ARRAY_SIZE(contents) && strcmp(content->name, region->name))
		content++;
	if (region->verdict != MEMINSPECT_PRESENT || content == contents + ARRAY_SIZE(contents))
		return 0;
	bytes = region_contents(region, &length);
	if (!bytes)
		return -ENOMEM;
	fault = content->fault(dump, bytes, length);
	free(bytes);
	return fault ? region_set_verdict(region, MEMINSPECT_CORRUPT, "%s", fault) : 0;
}

int content_check(struct meminspect_dump *dump)
{
	size_t i;

	for (i = 0; i < dump->nr_regions; i++) {
		int error = check_region(dump, &dump->regions[i]);

		if (error)
			return error;
	}
	return 0;
}
