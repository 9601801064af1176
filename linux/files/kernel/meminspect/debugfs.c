// SPDX-License-Identifier: GPL-2.0-only
/*
 * meminspect/regions: the table as text. meminspect/core: the contents as an
 * ELF core. Both show kernel memory or where it is, so they ask for what
 * /proc/kcore asks for, in addition to the file mode.
 */
#include <linux/capability.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "coreimage.h"
#include "internal.h"

static int may_read(void)
{
	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	return security_locked_down(LOCKDOWN_KCORE);
}

/* Position 0 is the heading; position n, the first region from row n - 1 on. */
struct table_position {
	struct inspect_entry entry;
	char name[MEMINSPECT_NAME_SIZE];
	enum meminspect_left_out left_out;
};

static void *find_region(struct seq_file *m, loff_t *position)
{
	struct table_position *here = m->private;
	u32 row, serial;

	if (!*position)
		return SEQ_START_TOKEN;
	row = *position - 1;
	if (!meminspect_next_entry(&row, &here->entry, here->name, &serial,
				   &here->left_out))
		return NULL;
	*position = row + 1;
	return here;
}

static void *regions_start(struct seq_file *m, loff_t *position)
{
	return find_region(m, position);
}

static void *regions_next(struct seq_file *m, void *unused, loff_t *position)
{
	(*position)++;
	return find_region(m, position);
}

static void regions_stop(struct seq_file *m, void *unused)
{
}

static void show_heading(struct seq_file *m)
{
	static const char *const refusals[MEMINSPECT_NR_REFUSALS] = {
		[MEMINSPECT_REFUSED_INVALID] = "invalid",
		[MEMINSPECT_REFUSED_CLASS] = "class-off",
		[MEMINSPECT_REFUSED_NOT_RAM] = "not-ram",
		[MEMINSPECT_REFUSED_USER] = "user",
		[MEMINSPECT_REFUSED_EXISTS] = "exists",
		[MEMINSPECT_REFUSED_NO_ROWS] = "no-rows",
		[MEMINSPECT_REFUSED_BUSY] = "busy",
	};
	unsigned int i;

	seq_printf(m, "# %u chunks, %u rows free; refused:",
		   meminspect_nr_chunks, meminspect_nr_free_rows);
	for (i = 0; i < MEMINSPECT_NR_REFUSALS; i++)
		seq_printf(m, " %s=%lu", refusals[i], meminspect_nr_refused(i));
	seq_puts(m, "\n# virtual         physical             bytes extents class     name\n");
}

static int regions_show(struct seq_file *m, void *what)
{
	static const char *const key_names[MEMINSPECT_KEY_MAX] = {
		[MEMINSPECT_KEY_CPU] = "cpu",
		[MEMINSPECT_KEY_NODE] = "node",
		[MEMINSPECT_KEY_PID] = "pid",
		[MEMINSPECT_KEY_INDEX] = "number",
	};
	const struct table_position *here = what;
	const struct inspect_entry *entry = &here->entry;

	if (what == SEQ_START_TOKEN) {
		show_heading(m);
		return 0;
	}
	if (here->left_out)
		seq_printf(m, "# left out, %s: %zu bytes, %s %s",
			   here->left_out == MEMINSPECT_LEFT_OUT_DENIED ?
			   "denied" : "over the budget", entry->size,
			   meminspect_name_of_class(entry->type), entry->name);
	else
		seq_printf(m, "%016lx %016llx %10zu %7u %-9s %s",
			   (unsigned long)entry->va,
			   (unsigned long long)entry->pa, entry->size,
			   entry->nr_extents,
			   meminspect_name_of_class(entry->type), entry->name);
	if (entry->key_kind != MEMINSPECT_KEY_NONE)
		seq_printf(m, " %s=%u", key_names[entry->key_kind], entry->key);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations regions_seq = {
	.start = regions_start,
	.next = regions_next,
	.stop = regions_stop,
	.show = regions_show,
};

static int regions_open(struct inode *inode, struct file *file)
{
	int ret = may_read();

	return ret ?: seq_open_private(file, &regions_seq,
				       sizeof(struct table_position));
}

static const struct file_operations regions_fops = {
	.owner = THIS_MODULE,
	.open = regions_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

static int core_open(struct inode *inode, struct file *file)
{
	struct meminspect_core_image *image;
	int ret = may_read();

	if (ret)
		return ret;
	image = kmalloc(sizeof(*image), GFP_KERNEL);
	if (!image)
		return -ENOMEM;
	ret = meminspect_core_image_build(image);
	if (ret) {
		kfree(image);
		return ret;
	}
	file->private_data = image;
	return 0;
}

static int core_release(struct inode *inode, struct file *file)
{
	meminspect_core_image_free(file->private_data);
	kfree(file->private_data);
	return 0;
}

/* First segment that ends behind @offset, or NULL. */
static const struct meminspect_segment *
find_segment(const struct meminspect_core_image *image, loff_t offset)
{
	unsigned int low = 0, high = image->nr_segments, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (image->segments[middle].offset +
		    image->segments[middle].length <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < image->nr_segments ? &image->segments[low] : NULL;
}

/* What a file offset between two segments reads as: see core-format. */
static void fill(u8 *to, loff_t offset, size_t length)
{
	static const char poison[] = "NotDump!";
	size_t i;

	for (i = 0; i < length; i++)
		to[i] = poison[(offset + i) % (sizeof(poison) - 1)];
}

/* Copies up to @length bytes of one kind; returns their number. */
static ssize_t read_piece(const struct meminspect_core_image *image,
			  u8 *to, loff_t offset, size_t length)
{
	const struct meminspect_segment *segment;
	int ret;

	if (offset < image->header_size) {
		length = min_t(u64, length, image->header_size - offset);
		memcpy(to, image->header + offset, length);
		return length;
	}
	segment = find_segment(image, offset);
	if (segment && offset >= segment->offset) {
		offset -= segment->offset;
		length = min_t(u64, length, segment->length - offset);
		ret = meminspect_read_entry(segment->row, segment->serial,
					    segment->va + offset, to, length);
		return ret ?: length;
	}
	length = min_t(u64, length,
		       (segment ? segment->offset : image->size) - offset);
	fill(to, offset, length);
	return length;
}

static ssize_t core_read(struct file *file, char __user *buffer, size_t count,
			 loff_t *position)
{
	const struct meminspect_core_image *image = file->private_data;
	size_t done = 0, want;
	ssize_t ret = 0;
	u8 *page;

	if (*position < 0)
		return -EINVAL;
	page = (u8 *)__get_free_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	while (done < count && *position < image->size) {
		want = min_t(size_t, count - done, PAGE_SIZE);
		want = min_t(u64, want, image->size - *position);
		ret = read_piece(image, page, *position, want);
		if (ret < 0)
			break;
		if (copy_to_user(buffer + done, page, ret)) {
			ret = -EFAULT;
			break;
		}
		done += ret;
		*position += ret;
		cond_resched();
	}
	free_page((unsigned long)page);
	return done ?: ret;
}

static loff_t core_llseek(struct file *file, loff_t offset, int whence)
{
	const struct meminspect_core_image *image = file->private_data;

	return fixed_size_llseek(file, offset, whence, image->size);
}

static const struct file_operations core_fops = {
	.owner = THIS_MODULE,
	.open = core_open,
	.read = core_read,
	.llseek = core_llseek,
	.release = core_release,
};

static int __init make_files(void)
{
	struct dentry *directory = debugfs_create_dir("meminspect", NULL);

	debugfs_create_file("regions", 0400, directory, NULL, &regions_fops);
	debugfs_create_file("core", 0400, directory, NULL, &core_fops);
	return 0;
}
late_initcall(make_files);
