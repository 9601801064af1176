// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interface as talks and cover letters show it: all of it compiles, with
 * the option on and off, and does what it is shown for.
 */
#include <linux/errno.h>
#include <linux/meminspect.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include "shim.h"
#include "tap.h"

#ifdef CONFIG_MEMINSPECT
static const bool on = true;
#else
static const bool on;
#endif

/* ---- static variables, in the files that they are in */

static unsigned int nr_irqs = 64;
MEMINSPECT_SIMPLE_ENTRY(nr_irqs);

static unsigned int total_nr_irqs = 64;
MEMINSPECT_SIMPLE_ENTRY(total_nr_irqs);

static unsigned long node_states[6];
MEMINSPECT_ENTRY(MEMINSPECT_ID_node_states, node_states, sizeof(node_states));

/* A member, under the name of something else */
static struct {
	unsigned long sequence, data[30];
} timekeeping;
MEMINSPECT_NAMED_ENTRY(tk_data, timekeeping.data);

/* An array whose end somebody else knows */
static char kallsyms_names[100];
MEMINSPECT_AREA_ENTRY(kallsyms_names, 70);

static unsigned int entries_of(const void *va, size_t size, enum meminspect_uid id)
{
	const struct inspect_entry *entry;
	unsigned int nr = 0;

	for_each_meminspect_entry(entry)
		nr += entry->va == va && entry->size == size && entry->id == id;
	return nr;
}

static void static_variables(void)
{
	const struct inspect_entry *entry;
	unsigned int nr = 0;

	for_each_meminspect_entry(entry)
		nr++;
	is_number(nr, on ? 5 : 0, "there are %u annotations", on ? 5 : 0);
	is_number(entries_of(&nr_irqs, sizeof(int), MEMINSPECT_ID_nr_irqs), on, "nr_irqs");
	is_number(entries_of(&total_nr_irqs, sizeof(int), MEMINSPECT_ID_total_nr_irqs), on,
		  "total_nr_irqs");
	is_number(entries_of(node_states, 6 * sizeof(long), MEMINSPECT_ID_node_states), on,
		  "node_states");
	is_number(entries_of(timekeeping.data, 30 * sizeof(long), MEMINSPECT_ID_timekeeper_data),
		  on, "a member of the timekeeper");
	is_number(entries_of(kallsyms_names, 70, MEMINSPECT_ID_kallsyms_names), on,
		  "kallsyms_names");
}

/* ---- a driver that brings regions out */

struct carrier {
	struct notifier_block nb;
	unsigned int nr_regions, nr_calls;
	size_t bytes;
	void *last_va;
	phys_addr_t last_pa;
};

static void carry(void *priv, const struct inspect_entry *ie)
{
	struct carrier *carrier = priv;

	carrier->nr_calls++;
	carrier->nr_regions++;
	carrier->bytes += ie->size;
	carrier->last_va = ie->va;
	carrier->last_pa = ie->pa;
}

static void drop(void *priv, const struct inspect_entry *ie)
{
	struct carrier *carrier = priv;

	carrier->nr_calls++;
	carrier->nr_regions--;
	carrier->bytes -= ie->size;
}

static int carrier_notify(struct notifier_block *nb, unsigned long code, void *entry)
{
	struct carrier *carrier = container_of(nb, struct carrier, nb);

	if (code == MEMINSPECT_NOTIFIER_ADD)
		carry(carrier, entry);
	else if (code == MEMINSPECT_NOTIFIER_REMOVE)
		drop(carrier, entry);
	return 0;
}

static struct carrier carrier = { .nb = { .notifier_call = carrier_notify } };

/* What a callback with the table as its only world has */
static unsigned int seen_without_priv;

static void look(void *priv, const struct inspect_entry *ie)
{
	seen_without_priv += !priv && ie->size;
}

/* Whether a call did what it does with the option on, or said that it is off. */
static void did(s64 result, const char *name)
{
	if (on)
		ok(result >= 0, "%s", name);
	else
		is_number(result, -EOPNOTSUPP, "%s is off", name);
}

static void carried(unsigned int nr_regions, size_t bytes, const char *name)
{
	ok(carrier.nr_regions == (on ? nr_regions : 0) && carrier.bytes == (on ? bytes : 0),
	   "%s: %u regions, %zu bytes", name, carrier.nr_regions, carrier.bytes);
}

static void driver(void)
{
	MEMINSPECT_ITERATOR_CB callback = look;
	unsigned int calls;

	did(meminspect_notifier_register(&carrier.nb), "a driver is notified");
	carried(0, 0, "nothing is marked");
	did(meminspect_register_va(phys_to_virt(shim_take_pages(1)), 100), "a region is marked");
	carried(1, 100, "the driver is told");

	calls = carrier.nr_calls;
	meminspect_lock_traverse(&carrier, carry);
	is_number(carrier.nr_calls - calls, on, "the table is traversed, with an argument");
	meminspect_lock_traverse(&carrier, drop);
	carried(1, 100, "each region was seen once in each direction");
	meminspect_lock_traverse(callback);
	is_number(seen_without_priv, on, "the table is traversed, with none");
	meminspect_table_lock();
	did(meminspect_traverse(NULL, look), "the table is traversed by who has locked it");
	meminspect_table_unlock();
	is_number(seen_without_priv, 2 * on, "which takes no other lock");
}

/* ---- memory that is allocated */

/* From the marker in front of it to the marker behind */
static char config_area[8 + 300 + 8];
#define kernel_config_data	config_area[8]
#define kernel_config_data_end	config_area[8 + 300]

static void kernel_config(void)
{
	did(meminspect_lock_register_id_va(MEMINSPECT_ID_CONFIG,
					   (void *)&kernel_config_data - 8,
					   &kernel_config_data_end -
					   &kernel_config_data + 16), "the configuration");
	carried(2, 100 + 316, "with both markers");
	ok(!on || carrier.last_va == config_area, "from the first");
	did(meminspect_lock_unregister_id(MEMINSPECT_ID_CONFIG), "the configuration is unmarked");
	carried(1, 100, "without it");
}

static void vmcoreinfo(void)
{
	void *vmcoreinfo_data = phys_to_virt(shim_take_pages(1));
	size_t vmcoreinfo_size = 3404;

	did(meminspect_register_id_va(MEMINSPECT_ID_VMCOREINFO, vmcoreinfo_data, vmcoreinfo_size),
	    "VMCOREINFO");
	carried(2, 100 + 3404, "with VMCOREINFO");
	did(meminspect_unregister_id(MEMINSPECT_ID_VMCOREINFO), "VMCOREINFO is unmarked");
}

/* What a caller does is one statement, also where that matters. */
static void in_a_driver(void)
{
	void *buffer = phys_to_virt(shim_take_pages(1));
	phys_addr_t pa = shim_take_pages(1);

	if (pa)
		meminspect_lock_register_pa(pa, 200);
	else
		meminspect_lock_register_va(buffer, 200);
	carried(2, 300, "by physical address");
	did(meminspect_lock_unregister_pa(pa, 200), "and unmarked");

	did(meminspect_lock_register_va(buffer, 300), "by virtual address");
	carried(2, 400, "by virtual address");
	did(meminspect_lock_unregister_va(buffer, 300), "and unmarked");

	did(meminspect_register_id_pa(MEMINSPECT_ID_DYNAMIC, pa, 400, MEMINSPECT_TYPE_REGULAR),
	    "by id and physical address");
	carried(2, 500, "by id and physical address");
	ok(!on || carrier.last_pa == pa, "which the driver is told");
	did(meminspect_unregister_pa(pa, 400), "and unmarked");

	did(meminspect_register_pa(pa, 500), "by physical address, nothing else");
	did(meminspect_lock_register_id_pa(MEMINSPECT_ID_DYNAMIC, pa, 600, MEMINSPECT_TYPE_REGULAR),
	    "two regions with one start");
	carried(3, 100 + 500 + 600, "both");
	did(meminspect_unregister_va(phys_to_virt(pa), 600), "one goes");
	did(meminspect_lock_unregister_va(phys_to_virt(pa), 500), "the other goes");
	carried(1, 100, "what there was");
}

/* Ids of the series that no region has: refused, but not off the end of anything. */
static void ids(void)
{
	void *va = phys_to_virt(shim_take_pages(1));

	is_number(meminspect_register_id_va(MEMINSPECT_ID_STATIC, va, 8),
		  on ? -EINVAL : -EOPNOTSUPP, "no id is refused");
	is_number(meminspect_register_id_va(MEMINSPECT_ID_ELF, va, 8),
		  on ? -EINVAL : -EOPNOTSUPP, "the id of a core header is refused");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_ELF), on ? -ENOENT : -EOPNOTSUPP,
		  "and no region has it");
}

/* ---- memblock: stand-ins for what a patch adds to it */

#define MEMBLOCK_ALLOC_INSPECT	2
#define virt_to_phys(va)	__pa(va)

static int memblock_mark_inspect(phys_addr_t base, phys_addr_t size)
{
	s64 handle = meminspect_register_pa(base, size);

	return handle < 0 ? handle : 0;
}

static int memblock_clear_inspect(phys_addr_t base, phys_addr_t size)
{
	return meminspect_unregister_pa(base, size);
}

static phys_addr_t memblock_phys_alloc_range(phys_addr_t size, phys_addr_t align,
					     phys_addr_t start, phys_addr_t end)
{
	phys_addr_t found = shim_take_pages(DIV_ROUND_UP(size, PAGE_SIZE));

	if (start || align > PAGE_SIZE)
		shim_die("the stand-in can't do that");
	if (end == MEMBLOCK_ALLOC_INSPECT)
		memblock_mark_inspect(found, size);
	return found;
}

static void memblock(void)
{
	size_t size = 512 * sizeof(void *);
	void **mem_section = phys_to_virt(memblock_phys_alloc_range(size, 64, 0, 0));
	phys_addr_t pa;

	did(memblock_mark_inspect(virt_to_phys(mem_section), size), "memory of memblock");
	carried(2, 100 + size, "memory of memblock");
	did(memblock_clear_inspect(virt_to_phys(mem_section), size), "and not any more");
	pa = memblock_phys_alloc_range(1000, 64, 0, MEMBLOCK_ALLOC_INSPECT);
	carried(2, 1100, "allocated with the flag");
	did(memblock_clear_inspect(pa, 1000), "and not any more");
	carried(1, 100, "what there was");
}

static void driver_goes(void)
{
	unsigned int calls;

	did(meminspect_notifier_unregister(&carrier.nb), "the driver goes");
	calls = carrier.nr_calls;
	did(meminspect_register_va(phys_to_virt(shim_take_pages(1)), 8), "a region is marked");
	is_number(carrier.nr_calls, calls, "the driver is not told");
}

int main(void)
{
	shim_slab_available = true;
	static_variables();
	driver();
	kernel_config();
	vmcoreinfo();
	in_a_driver();
	ids();
	memblock();
	driver_goes();
	return done_testing();
}
