/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where boot firmware has its memory: the one place that says so, for the C files here and for the
 * device tree, which goes through the preprocessor. Names of nodes in a tree want the digits of an
 * address without 0x, hence the two forms.
 *
 * All of it is inside the RAM of a QEMU arm64 `virt` machine with 1 GiB or more, which starts at
 * RAM_BASE, and beyond what QEMU loads: kernel, initrd and tree are in the first 512 MiB.
 */
#ifndef LAB_FIRMWARE_MAP_H
#define LAB_FIRMWARE_MAP_H

#define MAP_ADDRESS_OF_DIGITS(digits) 0x##digits
#define MAP_ADDRESS(digits) MAP_ADDRESS_OF_DIGITS(digits)

#define RAM_BASE 0x40000000

/* Shared memory between the processors of the SoC */
#define SMEM_AT 60000000
#define SMEM_BASE MAP_ADDRESS(SMEM_AT)
#define SMEM_SIZE 0x200000

/* 32 registers, each in a page of its own, that serve as locks between the processors */
#define TCSR_MUTEX_AT 60200000
#define TCSR_MUTEX_BASE MAP_ADDRESS(TCSR_MUTEX_AT)
#define TCSR_MUTEX_SIZE 0x20000

/* Memory inside the SoC that outlives a reset */
#define IMEM_AT 60220000
#define IMEM_BASE MAP_ADDRESS(IMEM_AT)
#define IMEM_SIZE 0x1000

/* The page in which Android's boot loaders look for the addresses of the kernel's symbols */
#define KINFO_AT 60221000
#define KINFO_BASE MAP_ADDRESS(KINFO_AT)
#define KINFO_SIZE 0x1000

/* Firmware's own: it puts the table there that it offers to a host */
#define PRIVATE_AT 60230000
#define PRIVATE_BASE MAP_ADDRESS(PRIVATE_AT)
#define PRIVATE_SIZE 0x10000

/* In IMEM */
#define IMEM_DUMP_TABLE_AT 10
#define IMEM_DUMP_TABLE MAP_ADDRESS(IMEM_DUMP_TABLE_AT)
#define IMEM_DUMP_TABLE_SIZE 0x8
#define IMEM_KASLR_AT 6d0
#define IMEM_KASLR MAP_ADDRESS(IMEM_KASLR_AT)
#define IMEM_KASLR_SIZE 0xc

#endif
