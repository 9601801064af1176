// SPDX-License-Identifier: LGPL-2.1-only
/* Physical memory of a machine, whatever it is read from. */
#include "internal.h"
#include <errno.h>
#include <stdlib.h>

int64_t meminspect_memory_read(struct meminspect_memory *memory, uint64_t paddr,
			       void *buffer, size_t length)
{
	/* No machine has memory at the last byte of the address space. */
	if (length > UINT64_MAX - paddr)
		length = UINT64_MAX - paddr;
	return memory->operations->read(memory, paddr, buffer, length);
}

int meminspect_memory_close(struct meminspect_memory *memory)
{
	int error = 0;

	if (!memory)
		return 0;
	if (memory->operations->resume)
		error = memory->operations->resume(memory);
	memory->operations->close(memory);
	return error;
}

int memory_add_problem(struct meminspect_memory *memory, const char *format, ...)
{
	char **problems;
	va_list arguments;
	int length;

	problems = reallocarray(memory->problems, memory->nr_problems + 1, sizeof(*problems));
	if (!problems)
		return -ENOMEM;
	memory->problems = problems;
	va_start(arguments, format);
	length = vasprintf(&problems[memory->nr_problems], format, arguments);
	va_end(arguments);
	if (length < 0)
		return -ENOMEM;
	memory->nr_problems++;
	return 0;
}

void memory_drop_registers(struct meminspect_memory *memory)
{
	for (size_t i = 0; i < memory->nr_registers; i++)
		free((void *)memory->registers[i].prstatus);
	free(memory->registers);
	memory->registers = NULL;
	memory->nr_registers = 0;
}

void memory_release(struct meminspect_memory *memory)
{
	memory_drop_registers(memory);
	for (size_t i = 0; i < memory->nr_problems; i++)
		free(memory->problems[i]);
	free(memory->problems);
	free(memory->vmcoreinfo);
	free(memory->description);
}
