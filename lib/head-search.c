// SPDX-License-Identifier: LGPL-2.1-only
/* Finds the head chunk by its magic, and tells the directory of this boot from older ones. */
#include "directory-reader.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More are a hostile image: a machine leaves two for each boot whose memory survived. */
#define MAX_CANDIDATES 256
/*
 * What is read of all directories to choose among them: one of 500000 regions has 128 MiB, but all
 * candidates can lead to that one.
 */
#define MAX_READ (512U << 20)

/* A page that begins like a head chunk and whose header has the right checksum. */
struct candidate {
	uint64_t position;
	struct meminspect_chunk_header header;
};

struct head_search {
	struct meminspect_context *context;
	size_t nr_candidates;
	struct candidate candidates[MAX_CANDIDATES];
	bool full;
	uint64_t left;		/* bytes that may still be read */
	bool too_much;
};

/* A way to understand a candidate: as one copy or the other, which gives the base. */
struct option {
	const struct candidate *candidate;
	uint64_t base;
	bool readable;
	bool both_copies;
	bool named_by_vmcoreinfo;
	uint64_t boot_time;
};

/* The image as physical memory, if @base is its base. */
struct shifted_image {
	image_read_function read;
	void *priv;
	uint64_t base;
	struct head_search *search;
};

struct head_search *head_search_new(struct meminspect_context *context)
{
	struct head_search *search = calloc(1, sizeof(*search));

	if (search) {
		search->context = context;
		search->left = MAX_READ;
	}
	return search;
}

void head_search_free(struct head_search *search)
{
	free(search);
}

void head_search_window(struct head_search *search, const uint8_t *bytes, size_t length,
			uint64_t position)
{
	const size_t record = offsetof(struct meminspect_chunk_header, record);
	size_t offset;

	for (offset = 0; offset + MEMINSPECT_CHUNK_SIZE <= length;
	     offset += MEMINSPECT_CHUNK_SIZE) {
		const uint8_t *page = bytes + offset;
		struct candidate *candidate;

		if (memcmp(page, MEMINSPECT_HEAD_MAGIC, MEMINSPECT_MAGIC_SIZE) != 0 ||
		    !record_good(page + record, sizeof(struct meminspect_chunk_header) - record))
			continue;
		if (search->nr_candidates == MAX_CANDIDATES) {
			search->full = true;
			return;
		}
		candidate = &search->candidates[search->nr_candidates++];
		candidate->position = position + offset;
		memcpy(&candidate->header, page, sizeof(candidate->header));
	}
}

static int64_t read_shifted(void *priv, uint64_t paddr, void *buffer, size_t length)
{
	const struct shifted_image *image = priv;

	if (paddr < image->base)
		return 0;
	if (length > image->search->left) {
		image->search->too_much = true;
		return 0;
	}
	image->search->left -= length;
	return image->read(image->priv, paddr - image->base, buffer, length);
}

static bool has_other_copy(const struct head_search *search, const struct option *option)
{
	const struct meminspect_chunk_header *header = &option->candidate->header;
	size_t i;
	int copy;

	for (i = 0; i < search->nr_candidates; i++) {
		const struct candidate *other = &search->candidates[i];

		if (other == option->candidate ||
		    memcmp(other->header.self, header->self, sizeof(header->self)) != 0)
			continue;
		for (copy = 0; copy < MEMINSPECT_COPIES; copy++)
			if (header->self[copy] - option->base == other->position)
				return true;
	}
	return false;
}

static bool vmcoreinfo_names(const struct directory *directory, struct shifted_image *image,
			     uint64_t head)
{
	char text[MAX_VMCOREINFO + 1];
	uint64_t value;
	int64_t length;
	size_t i;

	for (i = 0; i < directory->nr_regions; i++) {
		const struct directory_region *region = &directory->regions[i];

		if (strcmp(region->name, "vmcoreinfo") != 0 || region->nr_extents != 1 ||
		    region->size >= sizeof(text))
			continue;
		length = read_shifted(image, region->extents[0].paddr, text, region->size);
		if (length <= 0)
			return false;
		text[length] = '\0';
		return !meminspect_vmcoreinfo_number(text, MEMINSPECT_VMCOREINFO_KEY0, 16,
						     &value) && value == head;
	}
	return false;
}

static int judge(struct head_search *search, struct option *option,
		 image_read_function read, void *priv)
{
	struct shifted_image image = {
		.read = read, .priv = priv, .base = option->base, .search = search,
	};
	const struct meminspect_chunk_header *header = &option->candidate->header;
	const uint64_t head[MEMINSPECT_COPIES] = { header->self[0], header->self[1] };
	struct meminspect_context *context = meminspect_context_new();
	struct directory *directory;
	int error;

	if (!context)
		return -ENOMEM;
	/* Why an option can't be read matters only if it is chosen: it is read again then. */
	error = directory_read(context, read_shifted, &image, head, &directory);
	meminspect_context_free(context);
	if (error == -ENOMEM)
		return error;
	option->both_copies = has_other_copy(search, option);
	if (error)
		return 0;
	option->readable = true;
	option->named_by_vmcoreinfo = vmcoreinfo_names(directory, &image, head[0]);
	option->boot_time = directory->has_ident ? directory->ident.boot_time : 0;
	directory_free(directory);
	return 0;
}

static int rank(const struct option *option)
{
	return option->readable * 4 + option->named_by_vmcoreinfo * 2 + option->both_copies;
}

static bool same_place(const struct option *left, const struct option *right)
{
	return left->base == right->base &&
	       !memcmp(left->candidate->header.self, right->candidate->header.self,
		       sizeof(left->candidate->header.self));
}

static size_t make_options(const struct head_search *search, uint64_t base, struct option *options)
{
	size_t nr = 0;
	size_t i, j;
	int copy;

	for (i = 0; i < search->nr_candidates; i++) {
		const struct candidate *candidate = &search->candidates[i];

		for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
			uint64_t self = candidate->header.self[copy];
			struct option *option = &options[nr];

			if (self < candidate->position ||
			    (base != MEMINSPECT_BASE_FROM_DIRECTORY &&
			     self - candidate->position != base))
				continue;
			*option = (struct option){
				.candidate = candidate,
				.base = self - candidate->position,
			};
			for (j = 0; j < nr && !same_place(&options[j], option); j++)
				;
			if (j == nr)
				nr++;
		}
	}
	return nr;
}

static int no_option(const struct head_search *search, uint64_t base)
{
	const struct candidate *first = &search->candidates[0];

	if (!search->nr_candidates)
		return fail(search->context, -ENOENT,
			    "no directory found: no page starts with the magic of a head chunk and has a good header: did this kernel have CONFIG_MEMINSPECT, and is this all of its RAM?");
	return fail(search->context, -ENOENT,
		    "a head chunk stands at position %#llx, but says that it is at physical address %#llx or %#llx, which does not fit the base %#llx: give the right base, or none; an image that leaves out a hole in the machine's memory can't be read",
		    (unsigned long long)first->position, (unsigned long long)first->header.self[0],
		    (unsigned long long)first->header.self[1], (unsigned long long)base);
}

/* The copies of one head must have the distance in the image that they have in memory. */
static int check_linear(const struct head_search *search, const struct option *chosen,
			uint64_t base)
{
	const struct candidate *one = chosen->candidate;
	uint64_t distance = one->header.self[1] - one->header.self[0];
	size_t i;

	if (chosen->both_copies)
		return 0;
	for (i = 0; i < search->nr_candidates; i++) {
		const struct candidate *other = &search->candidates[i];

		if (other == one || memcmp(other->header.self, one->header.self,
					   sizeof(one->header.self)) != 0)
			continue;
		if (other->position - one->position == distance ||
		    one->position - other->position == distance)
			return no_option(search, base);
		return fail(search->context, -ENOTSUP,
			    "the copies of the head chunk stand at positions %#llx and %#llx, but their physical addresses are %#llx and %#llx: the image is not one piece of memory (it leaves out a hole?) and can't be read as such",
			    (unsigned long long)one->position, (unsigned long long)other->position,
			    (unsigned long long)one->header.self[0],
			    (unsigned long long)one->header.self[1]);
	}
	return 0;
}

/* Says what else could have been chosen; fails if the base is a guess. */
static int check_clear(const struct head_search *search, struct meminspect_memory *memory,
		       const struct option *options, size_t nr, const struct option *chosen)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct option *other = &options[i];
		const char *reason;

		if (other == chosen)
			continue;
		if (other->candidate == chosen->candidate && rank(other) == rank(chosen))
			return fail(search->context, -EINVAL,
				    "only one copy of the head chunk is left, at position %#llx, and nothing tells whether the image starts at physical address %#llx or %#llx: give its base",
				    (unsigned long long)chosen->candidate->position,
				    (unsigned long long)chosen->base,
				    (unsigned long long)other->base);
		if (!other->readable || !memcmp(other->candidate->header.self,
						chosen->candidate->header.self,
						sizeof(chosen->candidate->header.self)))
			continue;
		if (rank(other) != rank(chosen))
			reason = "is less consistent in itself";
		else if (other->boot_time != chosen->boot_time)
			reason = "booted earlier";
		else
			reason = "is just as good";
		if (memory_add_problem(memory, "several directories found: the one at %#llx is used; the one at %#llx, perhaps of an earlier boot, %s",
				       (unsigned long long)chosen->candidate->header.self[0],
				       (unsigned long long)other->candidate->header.self[0],
				       reason))
			return -ENOMEM;
	}
	return 0;
}

int head_search_result(struct head_search *search, struct meminspect_memory *memory,
		       image_read_function read, void *priv, uint64_t *base,
		       uint64_t head[MEMINSPECT_COPIES])
{
	const struct option *chosen = NULL;
	struct option *options;
	int error = 0;
	size_t nr, i;

	options = calloc(MEMINSPECT_COPIES * search->nr_candidates + 1, sizeof(*options));
	if (!options)
		return fail(search->context, -ENOMEM, "out of memory");
	nr = make_options(search, *base, options);
	for (i = 0; i < nr && !error; i++) {
		error = judge(search, &options[i], read, priv);
		if (!chosen || rank(&options[i]) > rank(chosen) ||
		    (rank(&options[i]) == rank(chosen) &&
		     options[i].boot_time > chosen->boot_time))
			chosen = &options[i];
	}
	if (error)
		error = fail(search->context, error, "out of memory");
	else if (!chosen)
		error = no_option(search, *base);
	else
		error = check_linear(search, chosen, *base);
	if (!error)
		error = check_clear(search, memory, options, nr, chosen);
	if (!error && search->full)
		error = memory_add_problem(memory, "more than %d head chunks found: only the first are considered",
					   MAX_CANDIDATES);
	if (!error && search->too_much)
		error = memory_add_problem(memory, "the head chunks found lead to more than %u MiB of directories: not all were looked at",
					   MAX_READ >> 20);
	if (!error) {
		*base = chosen->base;
		memcpy(head, chosen->candidate->header.self,
		       sizeof(chosen->candidate->header.self));
	}
	free(options);
	return error;
}
