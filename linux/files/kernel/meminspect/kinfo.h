/* SPDX-License-Identifier: GPL-2.0-only */
/* The kinfo page, as kinfo_page.c makes it and kinfo.c has it published. */
#ifndef _MEMINSPECT_KINFO_H
#define _MEMINSPECT_KINFO_H

#include <linux/types.h>
#include <uapi/linux/meminspect_kinfo.h>

/**
 * struct kinfo_facts - what is told of the kernel
 * @number: fields that are numbers; what stays 0 is not told
 * @size: bytes of what a field has the address of, 0 where it is no address
 * @release: release of the kernel, NULL if it is not told
 * @build_info: text on the build, NULL if it is not told
 */
struct kinfo_facts {
	u64 number[MEMINSPECT_KINFO_NR_FIELDS];
	size_t size[MEMINSPECT_KINFO_NR_FIELDS];
	const char *release;
	const char *build_info;
};

/**
 * struct kinfo_image - a page before it is published
 * @words: its contents, magic and checksum included
 * @nr_words: how many of them the layout has
 */
struct kinfo_image {
	u32 words[MEMINSPECT_KINFO_MAX_SIZE / sizeof(u32)];
	unsigned int nr_words;
};

int meminspect_kinfo_find_layout(const char *name);
const char *meminspect_kinfo_layout_name(enum meminspect_kinfo_layout layout);
size_t meminspect_kinfo_layout_size(enum meminspect_kinfo_layout layout);
void meminspect_kinfo_ask_policy(struct kinfo_facts *facts);
void meminspect_kinfo_format(struct kinfo_image *image,
			     enum meminspect_kinfo_layout layout,
			     const struct kinfo_facts *facts);
void meminspect_kinfo_clear(u32 *page, unsigned int nr_words);
void meminspect_kinfo_publish(u32 *page, const struct kinfo_image *image);
bool meminspect_kinfo_find_base(unsigned int nr, const int *offsets,
				unsigned long (*address)(int index),
				unsigned long *base, bool *absolute_percpu);

#endif /* _MEMINSPECT_KINFO_H */
