// SPDX-License-Identifier: GPL-2.0-only
/*
 * What boot firmware is told through IMEM, a small memory that survives a warm
 * reset: how far KASLR moved the kernel, and where to put the registers of each
 * CPU when the watchdog bites. Mainline knows no binding for these; the names
 * are those that device trees of phones have.
 */
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/meminspect.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "minidump.h"

#define KASLR_COOKIE		0xdead4ead

#define DUMP_VERSION		(2 << 20)
#define DUMP_TYPE_DATA		0
#define DUMP_TYPE_TABLE		1
#define DUMP_TABLE_OF_APPS	0
#define DUMP_ID_OF_CPU(cpu)	(cpu)
#define DUMP_CONTEXT_SIZE	2048
#define DUMP_MAX_CPUS		32	/* the next id is of something else */

/* Where the size of the whole stands, behind the address of the table. */
#define IMEM_SIZE_OFFSET	0x724

struct dump_entry {
	__le32 id;
	char name[32];
	__le32 type;
	__le64 address;
};

struct dump_table {
	__le32 version;
	__le32 num_entries;
	struct dump_entry entries[];
};

/* Firmware fills in version and magic when it wrote the data. */
struct dump_data {
	__le32 version;
	__le32 magic;
	char name[32];
	__le64 address;
	__le64 length;
	__le32 reserved;
};

/**
 * struct dump_memory - the "memory dump" table, version 2, and what it leads to
 * @apps: says where the table of the processors that run Linux is
 * @apps_entry: its only entry
 * @cpus: that table
 * @cpu_entry: its entries
 * @cpu: what each of them points to
 * @context: what firmware writes
 */
struct dump_memory {
	struct dump_table apps;
	struct dump_entry apps_entry;
	struct dump_table cpus;
	struct dump_entry cpu_entry[DUMP_MAX_CPUS];
	struct dump_data cpu[DUMP_MAX_CPUS];
	u8 context[DUMP_MAX_CPUS][DUMP_CONTEXT_SIZE];
};

/**
 * struct memory_dump - what was published
 * @memory: memory without caches, NULL if firmware does not want it
 * @address: its physical address
 * @imem: where the address stands for firmware
 * @region: handle of the region, or a negative errno
 */
struct memory_dump {
	struct dump_memory *memory;
	dma_addr_t address;
	void __iomem *imem;
	s64 region;
};

static void __iomem *map_imem(const char *compatible)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, compatible);
	void __iomem *imem = node ? of_iomap(node, 0) : NULL;

	of_node_put(node);
	return imem;
}

static void publish_kaslr_offset(void)
{
	void __iomem *imem = map_imem("qcom,msm-imem-kaslr_offset");
	u64 offset;

	if (!imem)
		return;
	/* It may be there of the kernel before, and must not stand before this offset. */
	writel(0, imem);
	if (meminspect_kaslr_offset(&offset))
		goto unmap;
	writel(lower_32_bits(offset), imem + 4);
	writel(upper_32_bits(offset), imem + 8);
	/* The cookie comes last: the rest counts when it is there. */
	writel(KASLR_COOKIE, imem);
unmap:
	iounmap(imem);
}

static void write_entry(struct dump_entry *entry, u32 id, const char *name, u32 type,
			u64 address)
{
	entry->id = cpu_to_le32(id);
	strscpy(entry->name, name, sizeof(entry->name));
	entry->type = cpu_to_le32(type);
	entry->address = cpu_to_le64(address);
}

static void write_table(struct dump_memory *memory, u64 address)
{
	unsigned int cpu, nr_cpus = min_t(unsigned int, nr_cpu_ids, DUMP_MAX_CPUS);
	struct dump_data *data;

	memory->apps.version = cpu_to_le32(DUMP_VERSION);
	memory->apps.num_entries = cpu_to_le32(1);
	write_entry(&memory->apps_entry, DUMP_TABLE_OF_APPS, "apps", DUMP_TYPE_TABLE,
		    address + offsetof(struct dump_memory, cpus));
	memory->cpus.version = cpu_to_le32(DUMP_VERSION);
	memory->cpus.num_entries = cpu_to_le32(nr_cpus);
	for (cpu = 0; cpu < nr_cpus; cpu++) {
		data = &memory->cpu[cpu];
		snprintf(data->name, sizeof(data->name), "KCPU_CTX%u", cpu);
		data->address = cpu_to_le64(address +
					    offsetof(struct dump_memory, context[cpu]));
		data->length = cpu_to_le64(DUMP_CONTEXT_SIZE);
		write_entry(&memory->cpu_entry[cpu], DUMP_ID_OF_CPU(cpu), data->name,
			    DUMP_TYPE_DATA, address + offsetof(struct dump_memory, cpu[cpu]));
	}
}

/**
 * minidump_imem_prepare - make a place for registers, if firmware wants one
 * @dev: the minidump device
 *
 * Context: Process context.
 *
 * Return: what minidump_imem_publish() tells of, or NULL.
 */
struct memory_dump *minidump_imem_prepare(struct device *dev)
{
	struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = MEMINSPECT_CLASS_CPU,
		.size = sizeof(struct dump_memory),
		.name = "memory_dump",
	};
	struct memory_dump *dump;

	static_assert(sizeof(struct dump_entry) == 48);
	static_assert(sizeof(struct dump_data) == 64);
	/* A table is followed by its entries. */
	static_assert(offsetof(struct dump_memory, apps_entry) == sizeof(struct dump_table));

	dump = devm_kzalloc(dev, sizeof(*dump), GFP_KERNEL);
	if (!dump)
		return NULL;
	dump->imem = map_imem("qcom,msm-imem-mem_dump_table");
	if (!dump->imem)
		return NULL;
	dump->memory = dmam_alloc_coherent(dev, sizeof(*dump->memory), &dump->address,
					   GFP_KERNEL);
	if (!dump->memory) {
		iounmap(dump->imem);
		return NULL;
	}
	write_table(dump->memory, dump->address);
	entry.pa = dump->address;
	dump->region = meminspect_register(&entry);
	return dump;
}

/**
 * minidump_imem_publish - tell firmware what it can use
 * @dump: as minidump_imem_prepare() returned it; may be NULL
 *
 * Firmware that wants neither the KASLR offset nor registers is left alone.
 *
 * Context: Process context.
 */
void minidump_imem_publish(const struct memory_dump *dump)
{
	publish_kaslr_offset();
	if (!dump)
		return;
	/* The table is there before its address is. */
	wmb();
	writel(sizeof(*dump->memory), dump->imem + IMEM_SIZE_OFFSET);
	writeq(dump->address, dump->imem);
}

/**
 * minidump_imem_withdraw - take back where registers go
 * @dump: as minidump_imem_prepare() returned it; may be NULL
 *
 * What firmware was told of KASLR stays true, and stays.
 *
 * Context: Process context. The memory is freed with the device.
 */
void minidump_imem_withdraw(struct memory_dump *dump)
{
	if (!dump)
		return;
	writeq(0, dump->imem);
	writel(0, dump->imem + IMEM_SIZE_OFFSET);
	if (dump->region >= 0)
		meminspect_unregister(dump->region);
	iounmap(dump->imem);
}
