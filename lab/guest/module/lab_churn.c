// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comes and goes, and never unmarks what it marked: static memory by
 * annotation, and memory that is freed only after the kernel forgot the module.
 */
#include <linux/meminspect.h>
#include <linux/module.h>
#include <linux/string.h>

#include "lab_stress.h"

static u64 annotated_words[600];
MEMINSPECT_DYNAMIC_ENTRY(annotated_words);

static u64 registered_words[300];

static int __init lab_churn_init(void)
{
	const struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "stress module",
		.va = registered_words,
		.size = sizeof(registered_words),
	};

	stress_fill(registered_words, sizeof(registered_words), 0x6d6f6401);
	return meminspect_register(&entry) < 0 ? -ENOMEM : 0;
}
module_init(lab_churn_init);

static void __exit lab_churn_exit(void)
{
}
module_exit(lab_churn_exit);

MODULE_DESCRIPTION("Comes and goes");
MODULE_LICENSE("GPL");
