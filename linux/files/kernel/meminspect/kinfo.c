// SPDX-License-Identifier: GPL-2.0-only
/*
 * Driver of the page that boot firmware finds by the device tree, and reads
 * after this kernel died: where the symbols are. What is told is known and
 * settled before the page is found, so that it is written once.
 */
#include <linux/crash_dump.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kallsyms.h>
#include <linux/kexec.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/utsname.h>
#include <asm/sections.h>

#include "internal.h"
#include "kinfo.h"
#include "../kallsyms_internal.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "debug_kinfo."

/**
 * struct kinfo - a page that is published
 * @page: where it is mapped, past the caches
 * @image: what it holds
 */
struct kinfo {
	u32 *page;
	struct kinfo_image image;
};

/* Which one the firmware of this machine knows: the page cannot say it. */
static enum meminspect_kinfo_layout layout;

static int set_layout(const char *name, const struct kernel_param *kp)
{
	int found = meminspect_kinfo_find_layout(name);

	if (found < 0)
		return found;
	layout = found;
	return 0;
}

static int get_layout(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", meminspect_kinfo_layout_name(layout));
}

static const struct kernel_param_ops layout_ops = {
	.set = set_layout,
	.get = get_layout,
};

module_param_cb(layout, &layout_ops, NULL, 0444);
MODULE_PARM_DESC(layout, "Layout of the page: text, seqs, mem, v2, core, plt, first or short");

/* An address in the kernel image, and how many bytes are told to be there. */
static void tell(struct kinfo_facts *facts, enum meminspect_kinfo_field field,
		 const void *va, size_t size)
{
	facts->number[field] = __pa_symbol(va);
	facts->size[field] = size;
}

static void tell_table(struct kinfo_facts *facts,
		       enum meminspect_kinfo_field field, const void *va,
		       enum meminspect_uid id)
{
	tell(facts, field, va, meminspect_kallsyms_size(id));
}

static void tell_symbols(struct kinfo_facts *facts)
{
	u64 *number = facts->number;
	unsigned long base;
	bool percpu;

	number[MEMINSPECT_KINFO_enabled_all] = IS_ENABLED(CONFIG_KALLSYMS_ALL);
	number[MEMINSPECT_KINFO_num_syms] = kallsyms_num_syms;
	number[MEMINSPECT_KINFO_name_len] = KSYM_NAME_LEN;
	number[MEMINSPECT_KINFO_module_name_len] = MODULE_NAME_LEN;
	number[MEMINSPECT_KINFO_symbol_len] = KSYM_SYMBOL_LEN;
	/*
	 * The option that once told is gone. Where each address is relative to
	 * its own place in the table, there is no base to tell.
	 */
	if (meminspect_kinfo_find_base(kallsyms_num_syms, kallsyms_offsets,
				       kallsyms_sym_address, &base, &percpu)) {
		number[MEMINSPECT_KINFO_enabled_base_relative] = true;
		number[MEMINSPECT_KINFO_enabled_absolute_percpu] = percpu;
		number[MEMINSPECT_KINFO_relative_pa] =
			__pa_symbol(_text) + base - (unsigned long)_text;
		facts->size[MEMINSPECT_KINFO_relative_pa] = 1;
	}
	tell_table(facts, MEMINSPECT_KINFO_offsets_pa, kallsyms_offsets,
		   MEMINSPECT_ID_kallsyms_offsets);
	tell_table(facts, MEMINSPECT_KINFO_names_pa, kallsyms_names,
		   MEMINSPECT_ID_kallsyms_names);
	tell_table(facts, MEMINSPECT_KINFO_token_table_pa, kallsyms_token_table,
		   MEMINSPECT_ID_kallsyms_token_table);
	tell_table(facts, MEMINSPECT_KINFO_token_index_pa, kallsyms_token_index,
		   MEMINSPECT_ID_kallsyms_token_index);
	tell_table(facts, MEMINSPECT_KINFO_markers_pa, kallsyms_markers,
		   MEMINSPECT_ID_kallsyms_markers);
	tell_table(facts, MEMINSPECT_KINFO_seqs_of_names_pa,
		   kallsyms_seqs_of_names, MEMINSPECT_ID_kallsyms_seqs_of_names);
	tell_table(facts, MEMINSPECT_KINFO_v2_seqs_of_names_pa,
		   kallsyms_seqs_of_names, MEMINSPECT_ID_kallsyms_seqs_of_names);
}

static void tell_image(struct kinfo_facts *facts)
{
	/* Of these the address is all that is told. */
	tell(facts, MEMINSPECT_KINFO_text_pa, _text, 1);
	tell(facts, MEMINSPECT_KINFO_stext_pa, _stext, 1);
	tell(facts, MEMINSPECT_KINFO_etext_pa, _etext, 1);
	tell(facts, MEMINSPECT_KINFO_sinittext_pa, _sinittext, 1);
	tell(facts, MEMINSPECT_KINFO_einittext_pa, _einittext, 1);
	tell(facts, MEMINSPECT_KINFO_end_pa, _end, 1);
	tell(facts, MEMINSPECT_KINFO_swapper_pg_dir_pa, init_mm.pgd,
	     PTRS_PER_PGD * sizeof(pgd_t));
}

static void tell_modules(struct kinfo_facts *facts)
{
#ifdef CONFIG_MODULES
	u64 *number = facts->number;

	number[MEMINSPECT_KINFO_modules_tree_lookup] =
		IS_ENABLED(CONFIG_MODULES_TREE_LOOKUP);
	number[MEMINSPECT_KINFO_mod_mem_offset] = offsetof(struct module, mem);
	number[MEMINSPECT_KINFO_mod_kallsyms_offset] =
		offsetof(struct module, kallsyms);
#endif
}

static void fill(struct kinfo_image *image, struct kinfo_facts *facts)
{
	u64 *number = facts->number;

	tell_symbols(facts);
	tell_image(facts);
	tell_modules(facts);
	/* The option had the first name before Linux 6.18. */
	number[MEMINSPECT_KINFO_enabled_cfi] = IS_ENABLED(CONFIG_CFI_CLANG) ||
					       IS_ENABLED(CONFIG_CFI);
	number[MEMINSPECT_KINFO_bits_per_long] = BITS_PER_LONG;
	number[MEMINSPECT_KINFO_thread_size] = THREAD_SIZE;
	facts->release = init_uts_ns.name.release;
	facts->build_info = linux_banner;
	meminspect_kinfo_ask_policy(facts);
	meminspect_kinfo_format(image, layout, facts);
}

static void clear_page_again(void *data)
{
	struct kinfo *kinfo = data;

	meminspect_kinfo_clear(kinfo->page, kinfo->image.nr_words);
}

static void give_memory_back(void *data)
{
	const struct reserved_mem *rmem = data;

	release_mem_region(rmem->base, rmem->size);
}

/* What the node reserves, if it is what firmware can be told by. */
static struct reserved_mem *find_memory(struct device *dev)
{
	struct reserved_mem *rmem = of_reserved_mem_lookup(dev->of_node);
	size_t wanted = meminspect_kinfo_layout_size(layout);

	if (!rmem) {
		dev_err(dev, "nothing reserved: no child of /reserved-memory\n");
		return NULL;
	}
	/* It would be mapped twice, with the caches in between. */
	if (!of_property_read_bool(dev->of_node, "no-map")) {
		dev_err(dev, "the node has no property no-map\n");
		return NULL;
	}
	if (rmem->size < wanted || !IS_ALIGNED(rmem->base, sizeof(u64))) {
		dev_err(dev, "%pa bytes at %pa: layout %s needs %zu aligned ones\n",
			&rmem->size, &rmem->base,
			meminspect_kinfo_layout_name(layout), wanted);
		return NULL;
	}
	return rmem;
}

/* Nobody else may map it, /dev/mem included. */
static void *map_memory(struct device *dev, struct reserved_mem *rmem)
{
	int ret;

	if (!request_mem_region_exclusive(rmem->base, rmem->size, dev_name(dev)))
		return ERR_PTR(-EBUSY);
	ret = devm_add_action_or_reset(dev, give_memory_back, rmem);
	if (ret)
		return ERR_PTR(ret);
	return devm_memremap(dev, rmem->base, rmem->size, MEMREMAP_WC);
}

static int kinfo_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct reserved_mem *rmem;
	struct kinfo_facts *facts;
	struct kinfo *kinfo;

	/* The page tells of the kernel that died, until its dump is taken. */
	if (is_kdump_kernel())
		return -ENODEV;
	rmem = find_memory(dev);
	if (!rmem)
		return -EINVAL;
	kinfo = devm_kzalloc(dev, sizeof(*kinfo), GFP_KERNEL);
	if (!kinfo)
		return -ENOMEM;
	kinfo->page = map_memory(dev, rmem);
	if (IS_ERR(kinfo->page))
		return dev_err_probe(dev, PTR_ERR(kinfo->page),
				     "cannot have the memory at %pa\n",
				     &rmem->base);
	facts = kzalloc(sizeof(*facts), GFP_KERNEL);
	if (!facts)
		return -ENOMEM;
	fill(&kinfo->image, facts);
	kfree(facts);
	meminspect_kinfo_publish(kinfo->page, &kinfo->image);
	platform_set_drvdata(pdev, kinfo);
	return devm_add_action_or_reset(dev, clear_page_again, kinfo);
}

/* The next kernel may have no such driver, and firmware would believe the page. */
static void kinfo_shutdown(struct platform_device *pdev)
{
	if (kexec_in_progress)
		clear_page_again(platform_get_drvdata(pdev));
}

/* The kernel that read the image of this one has told of itself. */
static int kinfo_restore(struct device *dev)
{
	struct kinfo *kinfo = dev_get_drvdata(dev);

	meminspect_kinfo_publish(kinfo->page, &kinfo->image);
	return 0;
}

static const struct dev_pm_ops kinfo_pm_ops = {
	.restore = kinfo_restore,
};

static const struct of_device_id kinfo_of_match[] = {
	{ .compatible = "google,debug-kinfo" },
	{ .compatible = "google,pixel-debug-kinfo" },
	{ }
};

static struct platform_driver kinfo_driver = {
	.probe = kinfo_probe,
	.shutdown = kinfo_shutdown,
	.driver = {
		.name = "debug-kinfo",
		.of_match_table = kinfo_of_match,
		.pm = pm_sleep_ptr(&kinfo_pm_ops),
	},
};
builtin_platform_driver(kinfo_driver);
