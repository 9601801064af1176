/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The kinfo page: facts on the running kernel, for boot firmware that shows
 * symbols of it after its death. Android's kernels have it as "debug kinfo",
 * in several layouts that carry no version.
 *
 * Documentation/dev-tools/meminspect/kinfo.rst has the layouts as tables. The
 * fields are packed and in the byte order of the kernel that wrote them.
 */
#ifndef _UAPI_LINUX_MEMINSPECT_KINFO_H
#define _UAPI_LINUX_MEMINSPECT_KINFO_H

#define MEMINSPECT_KINFO_MAGIC		0xcceeddff

/* XOR of all 32-bit words from here to the end of the layout */
#define MEMINSPECT_KINFO_CHECKSUM	4	/* offset of the checksum */
#define MEMINSPECT_KINFO_START		8	/* offset of the first field */
#define MEMINSPECT_KINFO_MAX_SIZE	504	/* of the longest layout */

#define MEMINSPECT_KINFO_RELEASE_SIZE	64
#define MEMINSPECT_KINFO_BUILD_SIZE	256

/* Parts that a layout has or has not; fields of part 0 are in all of them. */
#define MEMINSPECT_KINFO_PART_ADDRESSES	0x001
#define MEMINSPECT_KINFO_PART_TEXT	0x002
#define MEMINSPECT_KINFO_PART_SEQS	0x004
#define MEMINSPECT_KINFO_PART_BUILD	0x008
#define MEMINSPECT_KINFO_PART_MODULES	0x010
#define MEMINSPECT_KINFO_PART_CORE	0x020
#define MEMINSPECT_KINFO_PART_MEM	0x040
#define MEMINSPECT_KINFO_PART_SPACE	0x080
#define MEMINSPECT_KINFO_PART_PLT	0x100
#define MEMINSPECT_KINFO_PART_V2	0x200

/*
 * The fields, in the order that all layouts have them in.
 *
 * R(name, bytes, part)
 */
#define MEMINSPECT_KINFO_FIELDS(R)					\
	R(enabled_all, 1, 0)						\
	R(enabled_base_relative, 1, 0)					\
	R(enabled_absolute_percpu, 1, 0)				\
	R(enabled_cfi, 1, 0)						\
	R(num_syms, 4, 0)						\
	R(name_len, 2, 0)						\
	R(bits_per_long, 2, 0)						\
	R(module_name_len, 2, 0)					\
	R(symbol_len, 2, 0)						\
	R(addresses_pa, 8, MEMINSPECT_KINFO_PART_ADDRESSES)		\
	R(relative_pa, 8, 0)						\
	R(text_pa, 8, MEMINSPECT_KINFO_PART_TEXT)			\
	R(stext_pa, 8, 0)						\
	R(etext_pa, 8, 0)						\
	R(sinittext_pa, 8, 0)						\
	R(einittext_pa, 8, 0)						\
	R(end_pa, 8, 0)							\
	R(offsets_pa, 8, 0)						\
	R(names_pa, 8, 0)						\
	R(token_table_pa, 8, 0)						\
	R(token_index_pa, 8, 0)						\
	R(markers_pa, 8, 0)						\
	R(seqs_of_names_pa, 8, MEMINSPECT_KINFO_PART_SEQS)		\
	R(thread_size, 4, 0)						\
	R(swapper_pg_dir_pa, 8, 0)					\
	R(release, MEMINSPECT_KINFO_RELEASE_SIZE, 0)			\
	R(build_info, MEMINSPECT_KINFO_BUILD_SIZE,			\
	  MEMINSPECT_KINFO_PART_BUILD)					\
	R(modules_tree_lookup, 4, MEMINSPECT_KINFO_PART_MODULES)	\
	R(mod_core_layout_offset, 4, MEMINSPECT_KINFO_PART_CORE)	\
	R(mod_init_layout_offset, 4, MEMINSPECT_KINFO_PART_CORE)	\
	R(mod_mem_offset, 4, MEMINSPECT_KINFO_PART_MEM)			\
	R(mod_kallsyms_offset, 4, MEMINSPECT_KINFO_PART_MODULES)	\
	R(module_start_va, 8, MEMINSPECT_KINFO_PART_SPACE)		\
	R(module_end_va, 8, MEMINSPECT_KINFO_PART_SPACE)		\
	R(module_plt_start_va, 8, MEMINSPECT_KINFO_PART_PLT)		\
	R(v2_seqs_of_names_pa, 8, MEMINSPECT_KINFO_PART_V2)		\
	R(v2_reserved0, 8, MEMINSPECT_KINFO_PART_V2)			\
	R(v2_reserved1, 8, MEMINSPECT_KINFO_PART_V2)			\
	R(v2_reserved2, 8, MEMINSPECT_KINFO_PART_V2)			\
	R(v2_reserved3, 8, MEMINSPECT_KINFO_PART_V2)

/*
 * The layouts; the first one is the default.
 *
 * R(name, size with magic and checksum, parts)
 */
#define MEMINSPECT_KINFO_LAYOUTS(R)					\
	R(text, 472, MEMINSPECT_KINFO_PART_TEXT |			\
	  MEMINSPECT_KINFO_PART_SEQS | MEMINSPECT_KINFO_PART_BUILD |	\
	  MEMINSPECT_KINFO_PART_MODULES | MEMINSPECT_KINFO_PART_MEM)	\
	R(seqs, 472, MEMINSPECT_KINFO_PART_ADDRESSES |			\
	  MEMINSPECT_KINFO_PART_SEQS | MEMINSPECT_KINFO_PART_BUILD |	\
	  MEMINSPECT_KINFO_PART_MODULES | MEMINSPECT_KINFO_PART_MEM)	\
	R(mem, 464, MEMINSPECT_KINFO_PART_ADDRESSES |			\
	  MEMINSPECT_KINFO_PART_BUILD | MEMINSPECT_KINFO_PART_MODULES |	\
	  MEMINSPECT_KINFO_PART_MEM)					\
	R(v2, 504, MEMINSPECT_KINFO_PART_ADDRESSES |			\
	  MEMINSPECT_KINFO_PART_BUILD | MEMINSPECT_KINFO_PART_MODULES |	\
	  MEMINSPECT_KINFO_PART_MEM | MEMINSPECT_KINFO_PART_V2)		\
	R(core, 484, MEMINSPECT_KINFO_PART_ADDRESSES |			\
	  MEMINSPECT_KINFO_PART_BUILD | MEMINSPECT_KINFO_PART_MODULES |	\
	  MEMINSPECT_KINFO_PART_CORE | MEMINSPECT_KINFO_PART_SPACE)	\
	R(plt, 484, MEMINSPECT_KINFO_PART_ADDRESSES |			\
	  MEMINSPECT_KINFO_PART_BUILD | MEMINSPECT_KINFO_PART_MODULES |	\
	  MEMINSPECT_KINFO_PART_SPACE | MEMINSPECT_KINFO_PART_PLT)	\
	R(first, 452, MEMINSPECT_KINFO_PART_ADDRESSES |			\
	  MEMINSPECT_KINFO_PART_BUILD)					\
	R(short, 216, MEMINSPECT_KINFO_PART_TEXT |			\
	  MEMINSPECT_KINFO_PART_SEQS | MEMINSPECT_KINFO_PART_MODULES |	\
	  MEMINSPECT_KINFO_PART_MEM)

#define MEMINSPECT_KINFO_ENUMERATOR(name, bytes, part)			\
	MEMINSPECT_KINFO_##name,

enum meminspect_kinfo_field {
	MEMINSPECT_KINFO_FIELDS(MEMINSPECT_KINFO_ENUMERATOR)
	MEMINSPECT_KINFO_NR_FIELDS
};

#define MEMINSPECT_KINFO_LAYOUT_ENUMERATOR(name, size, parts)		\
	MEMINSPECT_KINFO_LAYOUT_##name,

enum meminspect_kinfo_layout {
	MEMINSPECT_KINFO_LAYOUTS(MEMINSPECT_KINFO_LAYOUT_ENUMERATOR)
	MEMINSPECT_KINFO_NR_LAYOUTS
};

#endif /* _UAPI_LINUX_MEMINSPECT_KINFO_H */
