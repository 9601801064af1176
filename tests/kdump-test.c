// SPDX-License-Identifier: GPL-2.0-only
/* The kdump-compressed format, read by libkdumpfile. */
#include "internal.h"
#include "sample-core.h"
#include "tap.h"

#include <errno.h>
#include <libkdumpfile/kdumpfile.h>

static char folder[] = "/tmp/kdump-test.XXXXXX";
static char path[64];
static struct meminspect_context *context;

static kdump_status read_at(kdump_ctx_t *kdump, uint64_t paddr, void *buffer, size_t length)
{
	return kdump_read(kdump, KDUMP_MACHPHYSADDR, paddr, buffer, &length);
}

static void check_pieces(kdump_ctx_t *kdump, const struct meminspect_dump *dump)
{
	uint8_t bytes[8192];
	size_t same = 0, nr = 0;

	for (size_t i = 0; i < dump->nr_regions; i++) {
		for (size_t j = 0; j < dump->regions[i].nr_pieces; j++) {
			const struct meminspect_piece *piece = &dump->regions[i].pieces[j];

			nr += piece->present != 0;
			same += piece->present &&
				read_at(kdump, piece->paddr, bytes, piece->present) == KDUMP_OK &&
				!memcmp(bytes, piece->data, piece->present);
		}
	}
	is_number(same, nr, "every piece is there");
	is_number(nr, 7, "... all that have bytes");
}

static void check_absent(kdump_ctx_t *kdump)
{
	uint8_t bytes[64];

	is_number(read_at(kdump, 0x3c001000, bytes, sizeof(bytes)), KDUMP_OK, "beside a piece in its page");
	ok(!memcmp(bytes, "NotDump!NotDump!", 16), "... there is poison");
	is_number(read_at(kdump, 0x60000000, bytes, 8), KDUMP_ERR_NODATA, "a page that is absent has no data");
	is_number(read_at(kdump, 0x30002000, bytes, 8), KDUMP_ERR_NODATA, "nor has the rest of a truncated one");
}

static void check_attributes(kdump_ctx_t *kdump, const struct meminspect_dump *dump)
{
	const char *text = NULL;
	kdump_num_t number = 0;
	char *vmcoreinfo = NULL;

	kdump_get_string_attr(kdump, KDUMP_ATTR_FILE_FORMAT, &text);
	is_string(text, "diskdump", "the format");
	is_number(kdump_set_string_attr(kdump, KDUMP_ATTR_OSTYPE, "linux"), KDUMP_OK, "it is a Linux");
	kdump_get_string_attr(kdump, KDUMP_ATTR_ARCH_NAME, &text);
	is_string(text, "x86_64", "the machine");
	kdump_get_string_attr(kdump, "linux.uts.release", &text);
	is_string(text, "6.12.0-test", "the release");
	kdump_get_string_attr(kdump, "linux.uts.nodename", &text);
	is_string(text, "unknown", "a name that was not collected");
	kdump_get_number_attr(kdump, "cpu.number", &number);
	is_number(number, 2, "registers of those CPUs that have them");
	is_number(kdump_vmcoreinfo_raw(kdump, &vmcoreinfo), KDUMP_OK, "VMCOREINFO");
	is_string(vmcoreinfo, dump->vmcoreinfo, "... as it was");
	free(vmcoreinfo);
}

static void test_write(void)
{
	struct meminspect_dump *dump = sample_dump();
	kdump_ctx_t *kdump = kdump_new();
	kdump_status status;
	int fd;

	is_number(meminspect_kdump_write(context, dump, path), 0, "a file is written");
	is_number(meminspect_kdump_write(context, dump, path), -EEXIST, "... once");
	fd = open(path, O_RDONLY);
	status = kdump_open_fd(kdump, fd);
	if (is_number(status, KDUMP_OK, "libkdumpfile opens it")) {
		check_pieces(kdump, dump);
		check_absent(kdump);
		check_attributes(kdump, dump);
	} else {
		diag("%s", kdump_get_err(kdump));
	}
	kdump_free(kdump);
	close(fd);
	meminspect_dump_free(dump);
	unlink(path);
}

static void test_utsname(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions();
	struct meminspect_piece piece = sample_piece(0x2000, 0xffff8c0000002000, 600, 600);
	char *uts = (char *)piece.data + 20;
	kdump_ctx_t *kdump = kdump_new();
	const char *text = NULL;
	int fd;

	memset(uts, 0, 6 * 65);
	strcpy(uts, "Linux");
	strcpy(uts + 65, "phone");
	strcpy(uts + 2 * 65, "6.12.0-test");
	strcpy(uts + 3 * 65, "#1 SMP");
	strcpy(uts + 4 * 65, "x86_64");
	strcpy(uts + 5 * 65, "(none)");
	sample_add_region(dump, "init_uts_ns", piece.vaddr, &piece, 1, MEMINSPECT_PRESENT, "");
	meminspect_kdump_write(context, dump, path);
	fd = open(path, O_RDONLY);
	kdump_open_fd(kdump, fd);
	kdump_get_string_attr(kdump, "linux.uts.nodename", &text);
	is_string(text, "phone", "the name of the node is that which was collected");
	kdump_free(kdump);
	close(fd);
	meminspect_dump_free(dump);
	unlink(path);
}

/* Bytes that were collected are not lost under what was added. */
static void test_origins(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions();
	struct meminspect_piece marked = sample_piece(0x1000, 0xffff8c0000001000, 64, 64);
	struct meminspect_piece filler = sample_piece(0x1000, 0xffff8c0000001000, 4096, 4096);
	kdump_ctx_t *kdump = kdump_new();
	uint8_t bytes[64] = "";
	int fd;

	memset((uint8_t *)marked.data, 'm', 64);
	sample_add_region(dump, "marked", marked.vaddr, &marked, 1, MEMINSPECT_PRESENT, "");
	sample_add_region(dump, "filler", filler.vaddr, &filler, 1, MEMINSPECT_PRESENT, "");
	dump->regions[1].origin = MEMINSPECT_FILLER;
	meminspect_kdump_write(context, dump, path);
	fd = open(path, O_RDONLY);
	kdump_open_fd(kdump, fd);
	read_at(kdump, 0x1000, bytes, sizeof(bytes));
	ok(!memcmp(bytes, marked.data, 64), "collected bytes win over filler");
	kdump_free(kdump);
	close(fd);
	meminspect_dump_free(dump);
	unlink(path);
}

static void test_refused(void)
{
	struct meminspect_dump *dump = sample_dump();
	struct meminspect_piece high = sample_piece(1ULL << 50, 0xffff8c0000001000, 64, 64);

	sample_add_region(dump, "high", high.vaddr, &high, 1, MEMINSPECT_PRESENT, "");
	is_number(meminspect_kdump_write(context, dump, path), -E2BIG, "a region at 1 PiB");
	ok(strstr(meminspect_error(context), "high is at the physical address 0x4000000000000") != NULL,
	   "... the error names it: %s", meminspect_error(context));
	ok(access(path, F_OK), "... and there is no file");
	meminspect_dump_free(dump);
}

/* Each note is of the CPU before the number that it has where a kernel has the process. */
static void test_registers(void)
{
	struct meminspect_dump *dump = sample_dump();
	struct meminspect_memory *memory;

	meminspect_kdump_write(context, dump, path);
	if (is_number(meminspect_memory_open_vmcore(context, path, &memory), 0, "a dump in which CPU 1 has no note")) {
		is_number(memory->nr_registers, 0, "... has no registers: CPU 1 would get those of CPU 2");
		meminspect_memory_close(memory);
	}
	unlink(path);
	free((void *)dump->registers[2].prstatus);
	dump->nr_registers = 1;
	meminspect_kdump_write(context, dump, path);
	if (is_number(meminspect_memory_open_vmcore(context, path, &memory), 0, "a dump in which all have one")) {
		is_number(memory->nr_registers, 1, "... has their registers");
		is_number(memory->registers[0].source, MEMINSPECT_REGISTERS_QEMU, "... which are QEMU's");
		meminspect_memory_close(memory);
	}
	meminspect_dump_free(dump);
	unlink(path);
}

/* Bytes far apart on pages of 64 KiB, which the file has as a whole */
static void test_large(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions();
	const size_t nr = (2ULL << 30) / 65536 + 1;
	struct meminspect_piece *pieces = calloc(nr, sizeof(*pieces));

	dump->ident.page_size = 65536;
	for (size_t i = 0; i < nr; i++)
		pieces[i] = sample_piece(i << 16, 0xffff8c0000000000 + (i << 16), 1, 1);
	sample_add_region(dump, "far", pieces[0].vaddr, pieces, nr, MEMINSPECT_PRESENT, "");
	is_number(meminspect_kdump_write(context, dump, path), -EFBIG, "more than 2 GiB of pages");
	ok(strstr(meminspect_error(context), "its 32769 pages have 2147549184 bytes") != NULL,
	   "... the error says so: %s", meminspect_error(context));
	ok(access(path, F_OK), "... and there is no file");
	meminspect_dump_free(dump);
	free(pieces);
}

int main(void)
{
	context = meminspect_context_new();
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/kdump", folder);
	test_write();
	test_utsname();
	test_origins();
	test_refused();
	test_registers();
	test_large();
	meminspect_context_free(context);
	rmdir(folder);
	return done_testing();
}
