// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells boot firmware of Qualcomm's systems which memory to dump after a warm
 * reset: the regions that meminspect knows, fitted to the firmware's table.
 *
 * Firmware may look at any moment, and takes no lock. So there are two whole
 * tables. The one that firmware does not see is written, and one store of its
 * address puts it in the place of the other.
 */
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/irq_work.h>
#include <linux/meminspect.h>
#include <linux/meminspect_namespace.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/overflow.h>
#include <linux/panic.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/soc/qcom/minidump.h>
#include <linux/soc/qcom/smem.h>
#include <linux/workqueue.h>

#include "minidump.h"

/*
 * Regions come and go in bursts. Until then the table has what went: rows are
 * rounded to pages and merged, and to take out a whole row at once would lose
 * what matters around a task that ended.
 */
#define UPDATE_DELAY		msecs_to_jiffies(10)
/* Room for all program headers, and for VMCOREINFO, which has a page. */
#define HEADER_SIZE		(PAGE_ALIGN(SZ_16K) + PAGE_SIZE)
/* How much of the kernel's image may come along between two regions. */
#define MAX_GAP			SZ_64K

/**
 * struct minidump_image - all that firmware is shown, in memory without caches
 * @regions: the array that the shared table points to
 * @header: the first region, which is the header of a core
 */
struct minidump_image {
	struct minidump_region regions[MINIDUMP_MAX_REGIONS];
	u8 header[HEADER_SIZE] __aligned(PAGE_SIZE);
};

#define NR_IMAGES	2

/**
 * struct minidump - the driver's state
 * @dev: the device
 * @subsystem: our part of the table in shared memory, which we only write
 * @image: what firmware sees, and what it will see next
 * @address: physical addresses of @image
 * @shown: index of the image that firmware sees
 * @names: of the rows that are being written
 * @update_mutex: one at a time writes the image that firmware does not see
 * @lock: protects @shown and what is valid in the image that it says
 * @denials: how often memory was denied
 * @notifier: told by meminspect
 * @irq_work: gets out of the notifier
 * @work: writes the other image
 * @memory_dump: where firmware puts registers, if it was told of that
 */
struct minidump {
	struct device *dev;
	struct minidump_subsystem *subsystem;
	struct minidump_image *image[NR_IMAGES];
	dma_addr_t address[NR_IMAGES];
	unsigned int shown;
	char names[MINIDUMP_MAX_RUNS][MEMINSPECT_NAME_SIZE];
	struct mutex update_mutex;	/* around write_other_image() */
	raw_spinlock_t lock;
	atomic_t denials;
	struct notifier_block notifier;
	struct irq_work irq_work;
	struct delayed_work work;
	struct memory_dump *memory_dump;
};

static void write_region(struct minidump_region *region, unsigned int index,
			 const char *name, u64 address, u64 size)
{
	memset(region->name, 0, sizeof(region->name));
	strscpy(region->name, name, sizeof(region->name));
	region->seq_num = cpu_to_le32(index + 1);
	region->address = cpu_to_le64(address);
	region->size = cpu_to_le64(size);
	region->valid = cpu_to_le32(QCOM_MINIDUMP_REGION_VALID);
}

/* Firmware does not see it yet. */
static int write_image(struct minidump *md, unsigned int which,
		       const struct meminspect_fit *fit)
{
	struct minidump_image *image = md->image[which];
	dma_addr_t header;
	unsigned int i;
	ssize_t size;

	size = meminspect_write_core_header(image->header, sizeof(image->header), fit);
	if (size < 0)
		return size;
	header = md->address[which] + offsetof(struct minidump_image, header);
	write_region(&image->regions[0], 0, "KELF", header, size);
	minidump_name_rows(fit, md->names);
	for (i = 0; i < fit->nr_runs; i++)
		write_region(&image->regions[i + 1], i + 1, md->names[i],
			     fit->runs[i].pa, fit->runs[i].size);
	for (i++; i < MINIDUMP_MAX_REGIONS; i++) {
		memset(&image->regions[i], 0, sizeof(image->regions[i]));
		image->regions[i].valid = cpu_to_le32(QCOM_MINIDUMP_REGION_INVALID);
	}
	return 0;
}

/* Shows @which, unless something was denied that may be in it. */
static bool show_image(struct minidump *md, unsigned int which, int denials)
{
	unsigned long flags;
	bool shown = false;

	raw_spin_lock_irqsave(&md->lock, flags);
	if (atomic_read(&md->denials) == denials) {
		/* All of the image is there before its address is. */
		wmb();
		WRITE_ONCE(md->subsystem->regions_baseptr,
			   cpu_to_le64(md->address[which]));
		md->shown = which;
		shown = true;
	}
	raw_spin_unlock_irqrestore(&md->lock, flags);
	return shown;
}

static int write_other_image(struct minidump *md)
{
	static const struct meminspect_limits limits = {
		.nr_runs = MINIDUMP_MAX_RUNS,
		.alignment = 4,
		.preferred_alignment = PAGE_SIZE,
		.max_gap = MAX_GAP,
	};
	unsigned int which = !md->shown;
	struct meminspect_fit fit;
	int ret, denials;

	do {
		denials = atomic_read(&md->denials);
		ret = meminspect_fit_runs(&limits, &fit);
		if (ret)
			return ret;
		ret = write_image(md, which, &fit);
		if (fit.nr_left_out)
			dev_dbg(md->dev, "no room for %u ranges of %llu bytes\n",
				fit.nr_left_out, fit.bytes_left_out);
		meminspect_fit_free(&fit);
		if (ret)
			return ret;
	} while (!show_image(md, which, denials));
	return 0;
}

/* The first one, by probe, may take so long that the work comes upon it. */
static int update(struct minidump *md)
{
	int ret;

	mutex_lock(&md->update_mutex);
	ret = write_other_image(md);
	mutex_unlock(&md->update_mutex);
	return ret;
}

static void minidump_work(struct work_struct *work)
{
	struct minidump *md = container_of(work, struct minidump, work.work);
	int ret = update(md);

	if (ret == -EAGAIN || ret == -ENOMEM)
		schedule_delayed_work(&md->work, UPDATE_DELAY);
}

static void minidump_irq_work(struct irq_work *work)
{
	struct minidump *md = container_of(work, struct minidump, irq_work);

	schedule_delayed_work(&md->work, UPDATE_DELAY);
}

/* What firmware sees now may hold what was denied: take that out. */
static void withdraw_denied(struct minidump *md)
{
	struct minidump_region *region;
	unsigned long flags;
	unsigned int i;

	atomic_inc(&md->denials);
	while (!raw_spin_trylock_irqsave(&md->lock, flags)) {
		/* This came upon the holder, or stopped it: the next image will do. */
		if (in_nmi() || panic_in_progress())
			return;
		cpu_relax();
	}
	for (i = 0; i < MINIDUMP_MAX_REGIONS; i++) {
		region = &md->image[md->shown]->regions[i];
		if (region->valid == cpu_to_le32(QCOM_MINIDUMP_REGION_VALID) &&
		    !meminspect_may_dump(le64_to_cpu(region->address),
					 le64_to_cpu(region->size)))
			WRITE_ONCE(region->valid,
				   cpu_to_le32(QCOM_MINIDUMP_REGION_INVALID));
	}
	raw_spin_unlock_irqrestore(&md->lock, flags);
}

static int minidump_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct minidump *md = container_of(nb, struct minidump, notifier);

	if (event == MEMINSPECT_NOTIFIER_DENY)
		withdraw_denied(md);
	irq_work_queue(&md->irq_work);
	return NOTIFY_DONE;
}

static void enable(struct minidump *md)
{
	struct minidump_subsystem *subsystem = md->subsystem;

	WRITE_ONCE(subsystem->enabled, 0);
	/* Firmware ignores the rest from here on. */
	wmb();
	WRITE_ONCE(subsystem->encryption_required,
		   cpu_to_le32(QCOM_MINIDUMP_SS_ENCR_NOTREQ));
	WRITE_ONCE(subsystem->encryption_status,
		   cpu_to_le32(QCOM_MINIDUMP_SS_ENCR_DONE));
	/* It never changes: rows that are not in use are invalid. */
	WRITE_ONCE(subsystem->region_count, cpu_to_le32(MINIDUMP_MAX_REGIONS));
	WRITE_ONCE(subsystem->status, cpu_to_le32(1));
	/* All of it is there before it counts. */
	wmb();
	WRITE_ONCE(subsystem->enabled, cpu_to_le32(QCOM_MINIDUMP_SS_ENABLED));
}

static void disable(void *data)
{
	struct minidump_subsystem *subsystem = data;

	WRITE_ONCE(subsystem->enabled, 0);
	/* Nobody follows the address after this, and its memory is freed. */
	wmb();
	WRITE_ONCE(subsystem->status, 0);
	WRITE_ONCE(subsystem->region_count, 0);
	WRITE_ONCE(subsystem->regions_baseptr, 0);
}

static int find_subsystem(struct minidump *md)
{
	struct minidump_global_toc *toc;
	size_t size;

	toc = qcom_smem_get(QCOM_SMEM_HOST_ANY, QCOM_MINIDUMP_SMEM_ID, &size);
	if (IS_ERR(toc))
		return dev_err_probe(md->dev, PTR_ERR(toc), "no table in shared memory\n");
	if (size < struct_size(toc, subsystems, QCOM_MINIDUMP_SS_APSS + 1))
		return dev_err_probe(md->dev, -EINVAL, "the table has only %zu bytes\n", size);
	if (!toc->status)
		return dev_err_probe(md->dev, -ENODEV, "firmware does not use its table\n");
	md->subsystem = &toc->subsystems[QCOM_MINIDUMP_SS_APSS];
	return 0;
}

static void unfollow(void *data)
{
	struct minidump *md = data;

	meminspect_notifier_unregister(&md->notifier);
	irq_work_sync(&md->irq_work);
	cancel_delayed_work_sync(&md->work);
}

static int minidump_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct minidump *md;
	unsigned int i;
	int ret;

	md = devm_kzalloc(dev, sizeof(*md), GFP_KERNEL);
	if (!md)
		return -ENOMEM;
	md->dev = dev;
	mutex_init(&md->update_mutex);
	raw_spin_lock_init(&md->lock);
	init_irq_work(&md->irq_work, minidump_irq_work);
	INIT_DELAYED_WORK(&md->work, minidump_work);
	md->notifier.notifier_call = minidump_notify;

	ret = find_subsystem(md);
	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	for (i = 0; i < NR_IMAGES; i++) {
		md->image[i] = dmam_alloc_coherent(dev, sizeof(*md->image[i]),
						   &md->address[i], GFP_KERNEL);
		if (!md->image[i])
			return -ENOMEM;
	}

	ret = devm_add_action(dev, disable, md->subsystem);
	if (ret)
		return ret;
	ret = meminspect_notifier_register(&md->notifier);
	if (ret)
		return dev_err_probe(dev, ret, "no consumer of meminspect\n");
	ret = devm_add_action_or_reset(dev, unfollow, md);
	if (ret)
		return ret;
	ret = update(md);
	if (ret == -EAGAIN || ret == -ENOMEM)
		ret = -EPROBE_DEFER;
	if (ret)
		return dev_err_probe(dev, ret, "the table cannot be filled\n");
	enable(md);
	md->memory_dump = minidump_imem_prepare(dev);
	minidump_imem_publish(md->memory_dump);
	platform_set_drvdata(pdev, md);
	return 0;
}

static void minidump_remove(struct platform_device *pdev)
{
	struct minidump *md = platform_get_drvdata(pdev);

	/* First of all: what the table says is freed from here on. */
	disable(md->subsystem);
	minidump_imem_withdraw(md->memory_dump);
}

/*
 * A kernel that comes by kexec has something else there, and may not have this
 * driver. Before any other end, the download mode is taken back as well.
 */
static void minidump_shutdown(struct platform_device *pdev)
{
	struct minidump *md = platform_get_drvdata(pdev);

	disable(md->subsystem);
	minidump_imem_withdraw(md->memory_dump);
}

/* The kernel that read the image of this one has told of itself. */
static int minidump_restore(struct device *dev)
{
	struct minidump *md = dev_get_drvdata(dev);
	unsigned long flags;

	disable(md->subsystem);
	raw_spin_lock_irqsave(&md->lock, flags);
	WRITE_ONCE(md->subsystem->regions_baseptr,
		   cpu_to_le64(md->address[md->shown]));
	raw_spin_unlock_irqrestore(&md->lock, flags);
	enable(md);
	minidump_imem_publish(md->memory_dump);
	return 0;
}

static const struct dev_pm_ops minidump_pm_ops = {
	.restore = minidump_restore,
};

static const struct platform_device_id minidump_ids[] = {
	{ .name = "qcom-minidump" },
	{ }
};
MODULE_DEVICE_TABLE(platform, minidump_ids);

static struct platform_driver minidump_driver = {
	.probe = minidump_probe,
	.remove = minidump_remove,
	.shutdown = minidump_shutdown,
	.driver = {
		.name = "qcom-minidump",
		.pm = pm_sleep_ptr(&minidump_pm_ops),
	},
	.id_table = minidump_ids,
};
module_platform_driver(minidump_driver);

MODULE_DESCRIPTION("Qualcomm minidump of the regions that meminspect knows");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(MEMINSPECT_NAMESPACE);
