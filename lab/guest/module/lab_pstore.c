// SPDX-License-Identifier: GPL-2.0-only
/*
 * A back end of pstore whose records are as small as EFI variables, kept in RAM that survives a
 * warm reboot: at "address" and "size", or what reserve_mem= has as "oops".
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pstore.h>
#include <linux/slab.h>

#define RECORD_SIZE	1024
#define SLOT_USED	0x746f6c73

struct slot {
	u32 used;
	u32 type;
	u32 part;
	u32 count;
	u32 size;
	u32 compressed;
	s64 seconds;
	u8 bytes[RECORD_SIZE];
};

static ulong address;
module_param(address, ulong, 0400);
static ulong size = 1 << 20;
module_param(size, ulong, 0400);

static char buffer[RECORD_SIZE];
static struct slot *slots;
static unsigned int nr_slots, next;

static int small_open(struct pstore_info *psi)
{
	next = 0;
	return 0;
}

static ssize_t small_read(struct pstore_record *record)
{
	struct slot *slot;

	for (; next < nr_slots; next++)
		if (slots[next].used == SLOT_USED && slots[next].size <= RECORD_SIZE)
			break;
	if (next == nr_slots)
		return 0;
	slot = &slots[next];
	record->buf = kvmalloc(slot->size + 1, GFP_KERNEL);
	if (!record->buf)
		return -ENOMEM;
	memcpy(record->buf, slot->bytes, slot->size);
	record->type = slot->type;
	record->id = next++;
	record->part = slot->part;
	record->count = slot->count;
	record->compressed = slot->compressed;
	record->time.tv_sec = slot->seconds;
	record->time.tv_nsec = 0;
	return slot->size;
}

static int small_write(struct pstore_record *record)
{
	struct slot *slot;
	unsigned int i;

	for (i = 0; i < nr_slots && slots[i].used == SLOT_USED; i++)
		;
	if (i == nr_slots || record->size > RECORD_SIZE)
		return -ENOSPC;
	slot = &slots[i];
	slot->type = record->type;
	slot->part = record->part;
	slot->count = record->count;
	slot->size = record->size;
	slot->compressed = record->compressed;
	slot->seconds = record->time.tv_sec;
	memcpy(slot->bytes, record->buf, record->size);
	slot->used = SLOT_USED;
	record->id = i;
	return 0;
}

static int small_erase(struct pstore_record *record)
{
	slots[record->id].used = 0;
	return 0;
}

static struct pstore_info small = {
	.owner = THIS_MODULE,
	.name = "small",
	.buf = buffer,
	.bufsize = sizeof(buffer),
	.flags = PSTORE_FLAGS_DMESG | PSTORE_FLAGS_MEMINSPECT,
	.max_reason = KMSG_DUMP_PANIC,
	.open = small_open,
	.read = small_read,
	.write = small_write,
	.erase = small_erase,
};

static int __init lab_pstore_init(void)
{
	phys_addr_t start = address, length = size;

	if (!start && !reserve_mem_find_by_name("oops", &start, &length))
		return -ENXIO;
	slots = memremap(start, length, MEMREMAP_WB);
	if (!slots)
		return -ENOMEM;
	nr_slots = length / sizeof(*slots);
	return pstore_register(&small);
}
module_init(lab_pstore_init);

MODULE_DESCRIPTION("Small records that survive a warm reboot");
MODULE_LICENSE("GPL");
