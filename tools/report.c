// SPDX-License-Identifier: GPL-2.0-only
/* meminspect report: what a core tells, in one go. */
#include "report.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

static const char help[] =
	"Usage: meminspect report CORE\n\n"
	"Shows which kernel died, why and when, its CPUs, the last lines of its log, the\n"
	"regions in CORE, and how to open CORE in crash, drgn and gdb.\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no answer.\n";

void report_heading(const char *text)
{
	printf("%s%s%s\n", tool_bold(stdout), text, tool_plain(stdout));
}

static void print_field(const char *name, const char *text)
{
	printf("  %-10s", name);
	tool_print_escaped(stdout, text, strlen(text));
	putchar('\n');
}

const struct meminspect_piece *report_whole_piece(const struct meminspect_dump *dump,
						  const char *name)
{
	const struct meminspect_region *region = meminspect_dump_find(dump, name, -1);

	if (!region || region->verdict != MEMINSPECT_PRESENT || region->nr_pieces != 1)
		return NULL;
	return &region->pieces[0];
}

static void print_banner(const struct meminspect_dump *dump)
{
	const struct meminspect_piece *piece = report_whole_piece(dump, "linux_banner");
	size_t length;

	if (!piece)
		return;
	length = strnlen((const char *)piece->data, piece->present);
	while (length && piece->data[length - 1] == '\n')
		length--;
	printf("  %-10s", "banner");
	tool_print_escaped(stdout, (const char *)piece->data, length);
	putchar('\n');
}

static void print_ident(const struct meminspect_ident *ident)
{
	print_field("release", (const char *)ident->release);
	printf("  %-10s", "build-id");
	for (uint32_t i = 0; i < ident->build_id_size; i++)
		printf("%02x", ident->build_id[i]);
	puts(ident->build_id_size ? "" : "none");
	printf("  %-10s", "machine");
	if (ident->machine == EM_X86_64)
		printf("x86_64");
	else if (ident->machine == EM_AARCH64)
		printf("arm64");
	else
		printf("ELF machine %u", ident->machine);
	printf(", %u CPUs, pages of %u bytes, KASLR offset 0x%" PRIx64 "\n", ident->nr_cpus,
	       ident->page_size, (uint64_t)ident->kaslr_offset);
}

static void print_kernel(const struct meminspect_dump *dump)
{
	const struct meminspect_ident *ident = meminspect_dump_ident(dump);
	char time[TOOL_TIME_LENGTH];
	const char *release;
	size_t length;

	report_heading("Kernel");
	if (ident) {
		print_ident(ident);
	} else if (meminspect_dump_vmcoreinfo(dump)) {
		release = meminspect_vmcoreinfo_value(meminspect_dump_vmcoreinfo(dump),
						      "OSRELEASE", &length);
		printf("  %-10s", "release");
		tool_print_escaped(stdout, release ? release : "unknown", release ? length : 7);
		putchar('\n');
	}
	print_banner(dump);
	if (ident && ident->boot_time)
		print_field("booted", tool_time(time, ident->boot_time / 1000000000));
	print_field("collected", tool_time(time, meminspect_dump_collected(dump)));
	print_field("from", meminspect_dump_source(dump));
}

static void print_death(const struct meminspect_dump *dump)
{
	const struct meminspect_capture *capture = meminspect_dump_capture(dump);
	char time[TOOL_TIME_LENGTH];
	uint64_t uptime;

	report_heading("Death");
	if (!capture && meminspect_dump_nr_problems(dump)) {
		printf("  no record of a panic is left; the directory or the core is damaged, see below\n");
		return;
	}
	if (!capture) {
		printf("  no panic was recorded: a hang, a reset from outside, power, or it still ran\n");
		return;
	}
	printf("  %-10s", "why");
	if (capture->reason == MEMINSPECT_REASON_PANIC)
		printf("panic: ");
	else if (capture->reason == MEMINSPECT_REASON_OOPS)
		printf("panic after an oops: ");
	else
		printf("reason %u: ", capture->reason);
	tool_print_escaped(stdout, (const char *)capture->text,
			   strcspn((const char *)capture->text, "\n"));
	uptime = capture->monotonic / 1000000;
	printf("\n  %-10s%s, %" PRIu64 ".%03u s after boot\n", "when",
	       tool_time(time, capture->realtime / 1000000000), uptime / 1000,
	       (unsigned int)(uptime % 1000));
	printf("  %-10sCPU %u, task ", "where", capture->cpu);
	tool_print_escaped(stdout, (const char *)capture->comm,
			   strlen((const char *)capture->comm));
	printf(" (PID %u, task_struct at 0x%" PRIx64 ")\n", capture->pid, (uint64_t)capture->task);
}

static void print_cpus(const struct meminspect_dump *dump)
{
	const struct meminspect_capture *capture = meminspect_dump_capture(dump);
	/* A panic takes CPUs off the mask as it stops them; without one it is true to the end. */
	const struct meminspect_piece *online =
		report_whole_piece(dump, capture ? "cpu_online_at_panic" : "__cpu_online_mask");
	const char *separator = "  no backtrace of what ran on CPU ";

	report_heading("CPUs");
	for (size_t i = 0; i < meminspect_dump_nr_registers(dump); i++) {
		const struct meminspect_registers *registers = meminspect_dump_registers(dump, i);
		uint32_t cpu = registers->cpu;

		printf("  %-4u", cpu);
		/* A cpumask is words of bits, least significant first, as are its bytes. */
		if (online && cpu / 8 < online->present)
			printf("%-9s", online->data[cpu / 8] >> cpu % 8 & 1 ? "online" :
									      "offline");
		if (registers->source == MEMINSPECT_REGISTERS_KERNEL)
			printf("registers saved by the kernel");
		else if (registers->source == MEMINSPECT_REGISTERS_QEMU)
			printf("registers from QEMU, after the death");
		else if (registers->source == MEMINSPECT_REGISTERS_FIRMWARE)
			printf("registers saved by the boot firmware");
		else
			printf("%sregisters not saved%s", tool_red(stdout), tool_plain(stdout));
		puts(capture && capture->cpu == cpu ? "; panicked here" : "");
	}
	if (!meminspect_dump_nr_registers(dump))
		printf("  no registers, nor how many CPUs there are\n");
	if (capture)
		printf("  CPUs online when the panic started: %u\n", capture->nr_cpus_online);
	for (size_t i = 0; i < meminspect_dump_nr_registers(dump); i++) {
		if (meminspect_dump_registers(dump, i)->prstatus)
			continue;
		printf("%s%u", separator, meminspect_dump_registers(dump, i)->cpu);
		separator = ", ";
	}
	if (separator[0] == ',')
		putchar('\n');
}

static void print_regions(const struct meminspect_dump *dump)
{
	struct tool_verdicts verdicts;

	report_heading("Regions");
	tool_print_regions(stdout, dump);
	fputs("  ", stdout);
	tool_print_verdicts(stdout, dump);
	putchar('\n');
	tool_count_verdicts(dump, &verdicts);
	if (verdicts.regions[MEMINSPECT_LEFT_OUT]) {
		putchar('\n');
		report_heading("Left out by policy");
		tool_print_left_out(stdout, dump);
	}
	if (tool_status(dump) == TOOL_COMPLETE)
		return;
	putchar('\n');
	report_heading("Missing or damaged");
	tool_print_problems(stdout, dump);
}

static void report(struct meminspect_context *context, const struct meminspect_dump *dump,
		   const char *path)
{
	print_kernel(dump);
	putchar('\n');
	print_death(dump);
	putchar('\n');
	print_cpus(dump);
	putchar('\n');
	report_log(context, dump);
	putchar('\n');
	print_regions(dump);
	putchar('\n');
	report_openers(context, dump, path);
}

int command_report(int argc, char **argv)
{
	return tool_command_on_dump(argc, argv, help, report);
}
