// SPDX-License-Identifier: GPL-2.0-only
/*
 * A secret, marked under its name, by another virtual address, as a part of
 * more, and by an annotation. What it is does not go through the kernel's log,
 * which is in every dump: word n is its seed times an odd number of n.
 */
#include <linux/meminspect.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define SECRET_SEED	0x9d7f3c5b1e864a2dULL
#define SECRET_WORDS	64

static void write_secret(u64 *words)
{
	unsigned int i;

	for (i = 0; i < SECRET_WORDS; i++)
		words[i] = SECRET_SEED * (2 * i + 1);
}

static u64 lab_secret_annotated[SECRET_WORDS];
MEMINSPECT_DYNAMIC_ENTRY(lab_secret_annotated);

static void mark(const char *name, void *va, size_t size)
{
	const struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = name,
		.va = va,
		.size = size,
	};

	if (meminspect_register(&entry) < 0)
		pr_err("lab: %s not marked\n", name);
}

static int __init lab_secret_init(void)
{
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, 2), *middle[2];
	void *mapped, *alias;

	if (!pages)
		return -ENOMEM;
	mapped = page_address(pages);
	middle[0] = pages + 1;
	middle[1] = pages + 3;
	alias = vmap(middle, ARRAY_SIZE(middle), VM_MAP, PAGE_KERNEL);
	if (!alias)
		return -ENOMEM;
	write_secret(mapped + PAGE_SIZE + 128);
	write_secret(lab_secret_annotated);

	mark("lab_before", mapped, 4 * PAGE_SIZE);
	mark("lab_secret", mapped + PAGE_SIZE + 128, SECRET_WORDS * sizeof(u64));
	mark("lab_alias", alias, 2 * PAGE_SIZE);
	mark("lab_part", mapped + PAGE_SIZE + 200, 8);
	mark("lab_neighbour", mapped + PAGE_SIZE, 128);
	return 0;
}
module_init(lab_secret_init);

MODULE_DESCRIPTION("A secret, marked in many ways");
MODULE_LICENSE("GPL");
