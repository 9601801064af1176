// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What the keys of VMCOREINFO mean: those of Linux 6.12 and 7.3, of the kernel's own
 * list of them (which names some that are gone or misspelled), and ours.
 *
 * The form tells the kind of value: SYMBOL is an address, SIZE a number of
 * bytes, OFFSET one of a member in its structure, LENGTH a number of elements,
 * NUMBER any value, and CONFIG_ an option that is on. So the sentences tell
 * only what the value is good for.
 */
#include "internal.h"
#include <string.h>

struct vmcoreinfo_key {
	const char *key;
	const char *used_by;	/* NULL: all architectures */
	const char *meaning;
};

static const struct vmcoreinfo_key keys[] = {
	/* Which kernel, and when. */
	{ "OSRELEASE", NULL,
	  "Release of the kernel, as uname -r prints it. Tells which vmlinux belongs to the "
	  "dump." },
	{ "BUILD-ID", NULL,
	  "GNU build-id of vmlinux, 20 bytes in hexadecimal. Finds debug information that fits "
	  "exactly." },
	{ "CRASHTIME", NULL,
	  "Wall clock of the machine when it crashed, seconds since 1970. Stock kernels add it "
	  "only on the way into a crash kernel." },
	{ "PAGESIZE", NULL,
	  "Bytes in a page of the machine that died; the reader's own machine may use another "
	  "size." },
	{ "SYMBOL(init_uts_ns)", NULL,
	  "The first UTS namespace: host name, release, version and architecture as uname(2) "
	  "gives them." },
	{ "OFFSET(uts_namespace.name)", NULL,
	  "Where the strings of uname(2) start in a UTS namespace." },

	/* The kernel image and page tables. */
	{ "KERNELOFFSET", "x86_64, arm64, powerpc, s390",
	  "How far KASLR moved the kernel from where vmlinux was linked, hexadecimal; 0 if it "
	  "did not. Added to each symbol of vmlinux." },
	{ "SYMBOL(_stext)", NULL,
	  "Where kernel code starts. With the address in vmlinux it gives away by how much the "
	  "image moved." },
	{ "SYMBOL(swapper_pg_dir)", NULL,
	  "Root of the kernel's own page tables; a walk from here resolves any kernel address." },
	{ "NUMBER(VMALLOC_START)", NULL,
	  "Lowest address of the vmalloc area, where memory is mapped page by page." },
	{ "NUMBER(VMALLOC_END)", "arm64, riscv64",
	  "First address behind the vmalloc area. Such addresses need a page table walk." },
	{ "NUMBER(MODULES_VADDR)", "arm64, riscv64",
	  "Lowest address that code and data of modules can have." },
	{ "NUMBER(MODULES_END)", "arm64, riscv64",
	  "First address behind the area of modules." },
	{ "NUMBER(VMEMMAP_START)", "arm64, riscv64",
	  "Lowest address of the virtual array of page descriptors." },
	{ "NUMBER(VMEMMAP_END)", "arm64, riscv64",
	  "First address behind the virtual array of page descriptors." },

	/* Page descriptors and how they are found. */
	{ "SYMBOL(mem_map)", NULL,
	  "Array of page descriptors, one for each frame; exists without NUMA and with flat "
	  "memory." },
	{ "SYMBOL(contig_page_data)", NULL,
	  "Descriptor of the only memory node of a kernel without NUMA." },
	{ "SYMBOL(vmemmap)", NULL,
	  "Virtual array of page descriptors: element N describes the page frame N." },
	{ "SYMBOL(mem_section)", NULL,
	  "Root of the table of memory sections, each of which leads to descriptors of its "
	  "pages." },
	{ "LENGTH(mem_section)", NULL,
	  "Number of roots in the table of memory sections." },
	{ "SIZE(mem_section)", NULL,
	  "Stride from a memory section to the one behind it." },
	{ "OFFSET(mem_section.section_mem_map)", NULL,
	  "Where a memory section keeps the pointer to its page descriptors; the low bits of it "
	  "are flags." },
	{ "NUMBER(SECTION_SIZE_BITS)", NULL,
	  "Binary logarithm of the bytes that a memory section covers." },
	{ "NUMBER(MAX_PHYSMEM_BITS)", NULL,
	  "Bits of the highest physical address that the kernel was built for; bounds the table "
	  "of memory sections." },
	{ "SIZE(page)", NULL,
	  "Stride of the arrays of page descriptors." },
	{ "OFFSET(page.flags)", NULL,
	  "Where a page descriptor has its flags; the PG_ numbers count bits in there." },
	{ "OFFSET(page._refcount)", NULL,
	  "Where a page descriptor counts its users; 0 means that the page is free." },
	{ "OFFSET(page.mapping)", NULL,
	  "Where a page descriptor points to its file or, with the lowest bit set, to anonymous "
	  "memory." },
	{ "OFFSET(page.lru)", NULL,
	  "Where a page descriptor is linked into reclaim or free lists." },
	{ "OFFSET(page._mapcount)", NULL,
	  "Where a page descriptor counts page table entries, or keeps the type of a page that "
	  "none maps." },
	{ "OFFSET(page.private)", NULL,
	  "Where a page descriptor has a word for its owner; in a free block it is the order." },
	{ "OFFSET(page.compound_order)", NULL,
	  "Where the first tail page has the order of a compound page. 6.12 does not give it." },
	{ "OFFSET(page.compound_head)", NULL,
	  "Where a tail page points to the head of its compound page, with the lowest bit set." },
	{ "OFFSET(page.compound_info)", NULL,
	  "Where a tail page, with the lowest bit set, points to the head of its compound page or "
	  "has a mask that makes the head's address of its own. 6.12 has compound_head." },
	{ "OFFSET(page.compound_dtor)", NULL,
	  "Where the first tail page tells how its compound page is freed. 6.12 does not give it." },

	/* Nodes, zones and free memory. */
	{ "SYMBOL(node_online_map)", NULL,
	  "Bit mask of memory nodes in use; it is one element of the array node_states." },
	{ "SIZE(nodemask_t)", NULL,
	  "Bytes in a bit mask of memory nodes: eight times as many nodes fit." },
	{ "SYMBOL(node_data)", "x86_64, x86_32, powerpc, sh",
	  "Array of pointers to the descriptor of each memory node." },
	{ "LENGTH(node_data)", "x86_64, x86_32, powerpc, sh",
	  "Elements in the array of node descriptors, that is, the most nodes this kernel can "
	  "have." },
	{ "SIZE(pglist_data)", NULL,
	  "Bytes in the descriptor of a memory node. Readers take it as a sign that nodes exist." },
	{ "OFFSET(pglist_data.node_zones)", NULL,
	  "Where a node descriptor has the array of its zones." },
	{ "OFFSET(pglist_data.nr_zones)", NULL,
	  "Where a node descriptor tells how many of its zones are in use." },
	{ "OFFSET(pglist_data.node_mem_map)", NULL,
	  "Where a node descriptor points to its page descriptors; with flat memory only." },
	{ "OFFSET(pglist_data.node_start_pfn)", NULL,
	  "Where a node descriptor has the number of its first page frame." },
	{ "OFFSET(pglist_data.node_spanned_pages)", NULL,
	  "Where a node descriptor has its extent in page frames, holes counted." },
	{ "OFFSET(pglist_data.node_id)", NULL,
	  "Where a node descriptor has its own number." },
	{ "SIZE(zone)", NULL,
	  "Stride of a node's array of zones." },
	{ "OFFSET(zone.free_area)", NULL,
	  "Where a zone has the heads of its free lists, one set for each order." },
	{ "OFFSET(zone.vm_stat)", NULL,
	  "Where a zone has its counters; NUMBER(NR_FREE_PAGES) is an index into them." },
	{ "OFFSET(zone.spanned_pages)", NULL,
	  "Where a zone has its extent in page frames, holes counted." },
	{ "LENGTH(zone.free_area)", NULL,
	  "Number of orders that the page allocator keeps free lists for." },
	{ "SIZE(free_area)", NULL,
	  "Stride from the free lists of an order to those of the next." },
	{ "OFFSET(free_area.free_list)", NULL,
	  "Where the heads of an order's free lists stand, one for each migration type." },
	{ "LENGTH(free_area.free_list)", NULL,
	  "Number of migration types, thus of free lists in an order." },
	{ "NUMBER(NR_FREE_PAGES)", NULL,
	  "Index, among the counters of a zone, of the one that counts free pages." },
	{ "SIZE(list_head)", NULL,
	  "Bytes in a link of a doubly linked list: two pointers." },
	{ "OFFSET(list_head.next)", NULL,
	  "Where a list link has the pointer forward." },
	{ "OFFSET(list_head.prev)", NULL,
	  "Where a list link has the pointer backward." },
	{ "SYMBOL(vmap_area_list)", NULL,
	  "Head of the list of vmalloc ranges, lowest first. 6.12 does not give it." },
	{ "OFFSET(vmap_area.va_start)", NULL,
	  "Where the descriptor of a vmalloc range has its first address. 6.12 does not give it." },
	{ "OFFSET(vmap_area.list)", NULL,
	  "Where descriptors of vmalloc ranges are linked in order of address. 6.12 does not "
	  "give it." },

	/* What tells pages apart that a dump can leave out. */
	{ "NUMBER(PG_lru)", NULL,
	  "Bit, in the flags of a page, of pages on a reclaim list." },
	{ "NUMBER(PG_private)", NULL,
	  "Bit, in the flags of a page, that says the owner's word is in use." },
	{ "NUMBER(PG_swapcache)", NULL,
	  "Bit, in the flags of a page, of anonymous pages that have a place in swap." },
	{ "NUMBER(PG_swapbacked)", NULL,
	  "Bit, in the flags of a page, of pages that go to swap when reclaimed." },
	{ "NUMBER(PG_slab)", NULL,
	  "Bit, in the flags of a page, of slab memory. In 6.12 a page type says so instead." },
	{ "NUMBER(PG_hwpoison)", NULL,
	  "Bit, in the flags of a page, of pages whose memory is broken: reading one can kill "
	  "the reader." },
	{ "NUMBER(PG_hwpoision)", NULL,
	  "A misspelling of PG_hwpoison in the kernel's documentation; no kernel writes this "
	  "key." },
	{ "NUMBER(PG_head_mask)", NULL,
	  "Mask, for the flags of a page, that is set in the first page of a compound page." },
	{ "NUMBER(PG_hugetlb)", NULL,
	  "Bit, in the flags of a page, of pages of hugetlbfs. In 6.12 a page type says so "
	  "instead." },
	{ "NUMBER(HUGETLB_PAGE_DTOR)", NULL,
	  "Value of page.compound_dtor in pages of hugetlbfs. 6.12 does not give it." },
	{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", NULL,
	  "Page type of free blocks of the page allocator, as it stands in place of the count "
	  "of mappings." },
	{ "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", NULL,
	  "Page type of pages that are logically offline, as those a balloon took; their "
	  "contents are no use." },
	{ "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)", NULL,
	  "Page type of pages of hugetlbfs, as it stands in place of the count of mappings." },
	{ "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)", NULL,
	  "Page type of memory that the guest has not accepted from its host yet: reading it is an "
	  "error. 6.12 does not give it." },
	{ "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", NULL,
	  "Page type of slab memory, as it stands in place of the count of mappings." },

	/* printk: enough to read the log without debug information. */
	{ "SYMBOL(prb)", NULL,
	  "The pointer to the log in use: first the built-in ring, later one of the size that "
	  "log_buf_len asked for." },
	{ "SYMBOL(printk_rb_static)", NULL,
	  "The log ring built into the kernel. Keeps early messages after the log moved to a "
	  "larger ring." },
	{ "SYMBOL(clear_seq)", NULL,
	  "Holds the number of the first log record that dmesg --clear left visible." },
	{ "SIZE(printk_ringbuffer)", NULL,
	  "Bytes in the head of the log: both of its rings and a count of failures." },
	{ "OFFSET(printk_ringbuffer.desc_ring)", NULL,
	  "Where the head of the log describes the ring of record descriptors." },
	{ "OFFSET(printk_ringbuffer.text_data_ring)", NULL,
	  "Where the head of the log describes the ring of message text." },
	{ "OFFSET(printk_ringbuffer.dict_data_ring)", NULL,
	  "Where the head of the log described a ring of key-value pairs. 6.12 has no such ring." },
	{ "OFFSET(printk_ringbuffer.fail)", NULL,
	  "Where the head of the log counts messages that found no room at all." },
	{ "SIZE(prb_desc_ring)", NULL,
	  "Bytes in the head of the ring of record descriptors." },
	{ "OFFSET(prb_desc_ring.count_bits)", NULL,
	  "Where the binary logarithm of the number of log descriptors is." },
	{ "OFFSET(prb_desc_ring.descs)", NULL,
	  "Where the pointer to the array of log descriptors is." },
	{ "OFFSET(prb_desc_ring.infos)", NULL,
	  "Where the pointer to the array of each record's time, level and sender is; parallel "
	  "to the descriptors." },
	{ "OFFSET(prb_desc_ring.head_id)", NULL,
	  "Where the ID of the newest log descriptor is; its low bits are an index." },
	{ "OFFSET(prb_desc_ring.tail_id)", NULL,
	  "Where the ID of the oldest log descriptor is; its low bits are an index." },
	{ "SIZE(prb_desc)", NULL,
	  "Stride of the array of log descriptors." },
	{ "OFFSET(prb_desc.info)", NULL,
	  "Where a log descriptor held time and level itself. In 6.12 a separate array has them." },
	{ "OFFSET(prb_desc.state_var)", NULL,
	  "Where a log descriptor has its ID and, in the two top bits, whether its record is "
	  "complete." },
	{ "OFFSET(prb_desc.text_blk_lpos)", NULL,
	  "Where a log descriptor tells which part of the text ring is its own." },
	{ "OFFSET(prb_desc.dict_blk_lpos)", NULL,
	  "Where a log descriptor told its part of the ring of key-value pairs. 6.12 has none." },
	{ "SIZE(prb_data_blk_lpos)", NULL,
	  "Bytes in the pair of positions that locates a record's text." },
	{ "OFFSET(prb_data_blk_lpos.begin)", NULL,
	  "Where the position of the start of a text block is. It counts on over wraps of the "
	  "ring; odd means no text." },
	{ "OFFSET(prb_data_blk_lpos.next)", NULL,
	  "Where the position behind a text block is. In another wrap than its start, the text "
	  "is at the ring's beginning." },
	{ "SIZE(printk_info)", NULL,
	  "Stride of the array of each log record's time, level and sender." },
	{ "OFFSET(printk_info.seq)", NULL,
	  "Where the number of a log record is; a gap in them is a lost message." },
	{ "OFFSET(printk_info.ts_nsec)", NULL,
	  "Where the time of a log record is, nanoseconds since boot." },
	{ "OFFSET(printk_info.text_len)", NULL,
	  "Where the true length of a log record's text is; its block is padded." },
	{ "OFFSET(printk_info.dict_len)", NULL,
	  "Where the length of a log record's key-value pairs was. 6.12 has none." },
	{ "OFFSET(printk_info.caller_id)", NULL,
	  "Where the sender of a log record is: a thread ID or, with the top bit set, a CPU." },
	{ "OFFSET(printk_info.dev_info)", NULL,
	  "Where the device is that a log record speaks of." },
	{ "SIZE(dev_printk_info)", NULL,
	  "Bytes in the description of a log record's device." },
	{ "OFFSET(dev_printk_info.subsystem)", NULL,
	  "Where the subsystem of a log record's device is, a string." },
	{ "LENGTH(printk_info_subsystem)", NULL,
	  "Room for the subsystem of a log record's device, in bytes." },
	{ "OFFSET(dev_printk_info.device)", NULL,
	  "Where the name of a log record's device is, a string." },
	{ "LENGTH(printk_info_device)", NULL,
	  "Room for the name of a log record's device, in bytes." },
	{ "SIZE(prb_data_ring)", NULL,
	  "Bytes in the head of the ring of message text." },
	{ "OFFSET(prb_data_ring.size_bits)", NULL,
	  "Where the binary logarithm of the text ring's size is." },
	{ "OFFSET(prb_data_ring.data)", NULL,
	  "Where the pointer to the bytes of the text ring is." },
	{ "OFFSET(prb_data_ring.head_lpos)", NULL,
	  "Where the position is that the next text block will get." },
	{ "OFFSET(prb_data_ring.tail_lpos)", NULL,
	  "Where the position of the oldest text block is." },
	{ "SIZE(atomic_long_t)", NULL,
	  "Bytes in an atomic long, as the log's IDs and positions are: 8 on a 64 bit kernel." },
	{ "OFFSET(atomic_long_t.counter)", NULL,
	  "Where the value is in an atomic long." },
	{ "SIZE(latched_seq)", NULL,
	  "Bytes in clear_seq: a counter and two copies of a record number." },
	{ "OFFSET(latched_seq.val)", NULL,
	  "Where both copies of the record number in clear_seq are; the lowest bit of the "
	  "counter picks one." },

	/* The symbol table that the kernel carries. */
	{ "SYMBOL(kallsyms_names)", NULL,
	  "Compressed names of the kernel's own symbol table." },
	{ "SYMBOL(kallsyms_num_syms)", NULL,
	  "Number of symbols in the kernel's own symbol table." },
	{ "SYMBOL(kallsyms_token_table)", NULL,
	  "Strings that the compressed symbol names are put together from." },
	{ "SYMBOL(kallsyms_token_index)", NULL,
	  "Where each of the strings in kallsyms_token_table starts." },
	{ "SYMBOL(kallsyms_offsets)", NULL,
	  "Addresses in the kernel's own symbol table, relative to kallsyms_relative_base." },
	{ "SYMBOL(kallsyms_relative_base)", NULL,
	  "Address that the offsets in the kernel's own symbol table count from." },

	/* The directory of meminspect. */
	{ MEMINSPECT_VMCOREINFO_KEY0, NULL,
	  "Physical address of the meminspect directory, the table of memory marked for dumping." },
	{ MEMINSPECT_VMCOREINFO_KEY1, NULL,
	  "Physical address of the second copy of the meminspect directory, for when the first "
	  "is damaged." },

	/* x86 */
	{ "NUMBER(phys_base)", "x86_64",
	  "Difference of where the image is in physical memory to where it was linked; "
	  "translates image addresses." },
	{ "SYMBOL(init_top_pgt)", "x86_64",
	  "Root of the page tables of init_mm, at the highest of their levels." },
	{ "NUMBER(pgtable_l5_enabled)", "x86_64",
	  "1 if page tables have five levels, 0 if four." },
	{ "NUMBER(KERNEL_IMAGE_SIZE)", "x86_64",
	  "Room for the kernel image in the address space; modules lie behind it." },
	{ "NUMBER(sme_mask)", "x86_64",
	  "Bits of a page table entry that say memory is encrypted (AMD SME); to be cleared for "
	  "the physical address." },
	{ "CONFIG_X86_PAE", "x86_32",
	  "Page table entries have 64 bits and three levels (PAE), instead of 32 bits and two." },

	/* arm64 and riscv64 */
	{ "NUMBER(VA_BITS)", "arm64, riscv64",
	  "Width of kernel virtual addresses: on arm64 the one built in, on riscv64 the one in "
	  "force. Areas are laid out by it." },
	{ "NUMBER(kimage_voffset)", "arm64",
	  "Virtual minus physical address of anything in the kernel image." },
	{ "NUMBER(PHYS_OFFSET)", "arm64",
	  "Physical address that the linear map begins with." },
	{ "NUMBER(TCR_EL1_T1SZ)", "arm64",
	  "64 minus the bits of a kernel address that the MMU was set to use: the width in "
	  "force, which may be below VA_BITS." },
	{ "NUMBER(KERNELPACMASK)", "arm64",
	  "Bits of a return address that hold a signature (pointer authentication); stack "
	  "traces must undo them." },
	{ "NUMBER(PAGE_OFFSET)", "riscv64",
	  "Virtual address at which the linear map of RAM begins." },
	{ "NUMBER(phys_ram_base)", "riscv64",
	  "Physical address at which RAM begins." },
	{ "NUMBER(va_kernel_pa_offset)", "riscv64",
	  "Virtual minus physical address of anything in the kernel image on RISC-V." },
	{ "NUMBER(KERNEL_LINK_ADDR)", "riscv64",
	  "Virtual address that the kernel image was linked for." },

	/* arm */
	{ "CONFIG_ARM_LPAE", "arm",
	  "Page table entries have 64 bits and three levels (LPAE), so that RAM above 4 GiB can "
	  "be used." },

	/* s390 */
	{ "SYMBOL(lowcore_ptr)", "s390",
	  "Array of pointers to the prefix page of each CPU, where the machine stores its "
	  "registers." },
	{ "LENGTH(lowcore_ptr)", "s390",
	  "Elements in the array of prefix pages, that is, the most CPUs this kernel can have." },
	{ "SYMBOL(high_memory)", "s390",
	  "Holds the end of the linear map; areas that need page tables lie above." },
	{ "SAMODE31", "s390",
	  "First address of code and data that must lie below 2 GiB, hexadecimal." },
	{ "EAMODE31", "s390",
	  "End of code and data that must lie below 2 GiB, hexadecimal." },
	{ "IDENTITYBASE", "s390",
	  "Virtual address of the identity mapping, hexadecimal; maps physical address 0." },
	{ "KERNELOFFPHYS", "s390",
	  "Physical address that KASLR gave to the kernel image, hexadecimal." },

	/* powerpc */
	{ "SYMBOL(vmemmap_list)", "powerpc",
	  "Head of the list that says which physical memory backs the page descriptors, for the "
	  "hash MMU." },
	{ "SYMBOL(mmu_vmemmap_psize)", "powerpc",
	  "Holds the index, in mmu_psize_defs, of the page size that maps page descriptors." },
	{ "SYMBOL(mmu_psize_defs)", "powerpc",
	  "Table of page sizes of the MMU." },
	{ "SIZE(vmemmap_backing)", "powerpc",
	  "Bytes in an element of vmemmap_list." },
	{ "OFFSET(vmemmap_backing.list)", "powerpc",
	  "Where an element of vmemmap_list points to the next." },
	{ "OFFSET(vmemmap_backing.phys)", "powerpc",
	  "Where an element of vmemmap_list has the physical address of its piece." },
	{ "OFFSET(vmemmap_backing.virt_addr)", "powerpc",
	  "Where an element of vmemmap_list has the virtual address of its piece." },
	{ "SIZE(mmu_psize_def)", "powerpc",
	  "Stride of the table of page sizes of the MMU." },
	{ "OFFSET(mmu_psize_def.shift)", "powerpc",
	  "Where an entry of mmu_psize_defs has the binary logarithm of its page size." },
	{ "SYMBOL(cur_cpu_spec)", "powerpc",
	  "Holds the pointer to the description of the CPU model." },
	{ "OFFSET(cpu_spec.cpu_features)", "powerpc",
	  "Where the description of the CPU model has the features of the CPU." },
	{ "OFFSET(cpu_spec.mmu_features)", "powerpc",
	  "Where the description of the CPU model has the features of the MMU." },
	{ "NUMBER(RADIX_MMU)", "powerpc",
	  "1 if page tables are a radix tree, 0 if the MMU uses its hash table." },

	/* sh */
	{ "CONFIG_X2TLB", "sh",
	  "The TLB runs in its extended mode, with more page sizes and finer permissions." },
};

const char *meminspect_vmcoreinfo_explain(const char *key, const char **used_by)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].key, key)) {
			*used_by = keys[i].used_by ? keys[i].used_by : "all";
			return keys[i].meaning;
		}
	}
	return NULL;
}
