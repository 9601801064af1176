// SPDX-License-Identifier: LGPL-2.1-only
/* A dump of all memory, read by libkdumpfile: ELF, kdump-compressed, /proc/kcore and others. */
#include "core-format.h"
#include "vmcore-lost.h"

#include <errno.h>
#include <fcntl.h>
#include <libkdumpfile/kdumpfile.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct vmcore {
	struct meminspect_memory memory;
	char *path;
	int fd;
	kdump_ctx_t *kdump;
	struct vmcore_lost lost;
};

static int64_t vmcore_read(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			   size_t length)
{
	struct vmcore *vmcore = (struct vmcore *)memory;
	kdump_status status;
	size_t done;

	length = vmcore_before_lost(&vmcore->lost, paddr, length);
	if (!length)
		return 0;
	done = length;
	status = kdump_read(vmcore->kdump, KDUMP_MACHPHYSADDR, paddr, buffer, &done);
	if (status == KDUMP_OK)
		return length;
	if (status == KDUMP_ERR_NODATA || status == KDUMP_ERR_EOF)
		return done < length ? done : 0;
	return fail(memory->context, -EIO, "%s: reading %zu bytes at physical address %#llx: %s",
		    vmcore->path, length, (unsigned long long)paddr, kdump_get_err(vmcore->kdump));
}

static char *vmcore_explain(struct meminspect_memory *memory, uint64_t paddr)
{
	const struct vmcore *vmcore = (struct vmcore *)memory;

	if (vmcore_before_lost(&vmcore->lost, paddr, 1))
		return strdup("the dump has no memory there");
	return strdup(vmcore_is_cut_off(&vmcore->lost, paddr) ? "the dump was cut off" :
								"the dump leaves it out");
}

/* A dump has VMCOREINFO: where that leads nowhere, all of memory would not help. */
static int vmcore_find_head(struct meminspect_memory *memory, uint64_t head[MEMINSPECT_COPIES])
{
	struct vmcore *vmcore = (struct vmcore *)memory;
	uint64_t paddr;

	(void)head;
	if (memory->vmcoreinfo && !meminspect_vmcoreinfo_number(memory->vmcoreinfo,
								MEMINSPECT_VMCOREINFO_KEY0, 16, &paddr))
		return fail(memory->context, -ENOENT,
			    "%s: no directory of marked regions where VMCOREINFO has it: %s%s", vmcore->path,
			    meminspect_error(memory->context),
			    vmcore->lost.cut_off.nr ? "; the dump was cut off" : "");
	return fail(memory->context, -ENOENT,
		    "%s: no directory of marked regions: its VMCOREINFO %s %s; was the kernel built with CONFIG_MEMINSPECT?",
		    vmcore->path, memory->vmcoreinfo ? "does not have" : "is missing, which has",
		    MEMINSPECT_VMCOREINFO_KEY0);
}

static void vmcore_close(struct meminspect_memory *memory)
{
	struct vmcore *vmcore = (struct vmcore *)memory;

	if (vmcore->kdump)
		kdump_free(vmcore->kdump);
	if (vmcore->fd >= 0)
		close(vmcore->fd);
	free(vmcore->path);
	vmcore_lost_release(&vmcore->lost);
	memory_release(memory);
	free(vmcore);
}

static const struct memory_operations vmcore_operations = {
	.read = vmcore_read,
	.find_head = vmcore_find_head,
	.explain = vmcore_explain,
	.close = vmcore_close,
};

static int take_prstatus(struct vmcore *vmcore, unsigned int cpu)
{
	struct meminspect_memory *memory = &vmcore->memory;
	struct meminspect_registers *registers;
	kdump_attr_t attribute = { .type = KDUMP_BLOB };
	char key[32];
	uint8_t *copy;
	size_t size;

	snprintf(key, sizeof(key), "cpu.%u.PRSTATUS", cpu);
	if (kdump_get_typed_attr(vmcore->kdump, key, &attribute) != KDUMP_OK)
		return 0;
	size = kdump_blob_size(attribute.val.blob);
	if (!prstatus_size_possible(size, 0))
		return 0;
	registers = reallocarray(memory->registers, memory->nr_registers + 1, sizeof(*registers));
	if (!registers)
		return -ENOMEM;
	memory->registers = registers;
	copy = malloc(size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, kdump_blob_pin(attribute.val.blob), size);
	kdump_blob_unpin(attribute.val.blob);
	registers[memory->nr_registers++] = (struct meminspect_registers) {
		.cpu = cpu,
		/* QEMU numbers CPUs where a kernel has the process */
		.source = prstatus_pid(copy) == cpu + 1 ? MEMINSPECT_REGISTERS_QEMU :
							  MEMINSPECT_REGISTERS_KERNEL,
		.size = size,
		.prstatus = copy,
	};
	return 0;
}

static int take_notes(struct vmcore *vmcore)
{
	kdump_num_t nr_cpus = 0;
	int error = 0;

	if (kdump_vmcoreinfo_raw(vmcore->kdump, &vmcore->memory.vmcoreinfo) != KDUMP_OK)
		vmcore->memory.vmcoreinfo = NULL;
	kdump_get_number_attr(vmcore->kdump, "cpu.number", &nr_cpus);
	for (unsigned int cpu = 0; cpu < nr_cpus && cpu < MAX_CPUS && !error; cpu++)
		error = take_prstatus(vmcore, cpu);
	return error ? fail(vmcore->memory.context, error, "out of memory") : 0;
}

static int find_lost(struct vmcore *vmcore)
{
	struct vmcore_lost *lost = &vmcore->lost;
	int error = vmcore_find_lost(vmcore->fd, lost);

	if (error == -EFBIG)
		return fail(vmcore->memory.context, error, "%s: its bitmaps of pages have more than 2 GiB: no machine has as many pages",
			    vmcore->path);
	if (!error && lost->cut_off.nr)
		error = memory_add_problem(&vmcore->memory, "%s: was cut off: it has %llu of %llu bytes",
					   vmcore->path, (unsigned long long)lost->size,
					   (unsigned long long)lost->promised);
	return error ? fail(vmcore->memory.context, error, "out of memory") : 0;
}

static int open_file(struct vmcore *vmcore)
{
	struct meminspect_context *context = vmcore->memory.context;
	int error;

	vmcore->fd = open(vmcore->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (vmcore->fd < 0)
		return fail(context, -errno, "%s: %s", vmcore->path, strerror(errno));
	vmcore->kdump = kdump_new();
	if (!vmcore->kdump)
		return fail(context, -ENOMEM, "out of memory");
	if (kdump_open_fd(vmcore->kdump, vmcore->fd) != KDUMP_OK)
		return fail(context, -EINVAL, "%s: no dump of memory that libkdumpfile can read: %s",
			    vmcore->path, kdump_get_err(vmcore->kdump));
	/*
	 * It looks at the memory of a Linux then, which may be damaged: VMCOREINFO is read, where
	 * there is one, and pages are found without it.
	 */
	kdump_set_string_attr(vmcore->kdump, KDUMP_ATTR_OSTYPE, "linux");
	error = take_notes(vmcore);
	return error ? error : find_lost(vmcore);
}

int meminspect_memory_open_vmcore(struct meminspect_context *context, const char *path,
				  struct meminspect_memory **memory)
{
	struct vmcore *vmcore = calloc(1, sizeof(*vmcore));
	int error;

	if (!vmcore)
		return fail(context, -ENOMEM, "out of memory");
	vmcore->memory.context = context;
	vmcore->memory.operations = &vmcore_operations;
	vmcore->fd = -1;
	vmcore->path = strdup(path);
	if (!vmcore->path || asprintf(&vmcore->memory.description, "dump %s", path) < 0) {
		vmcore->memory.description = NULL;
		error = fail(context, -ENOMEM, "out of memory");
	} else {
		error = open_file(vmcore);
	}
	if (error) {
		vmcore_close(&vmcore->memory);
		return error;
	}
	*memory = &vmcore->memory;
	return 0;
}
