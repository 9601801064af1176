// SPDX-License-Identifier: GPL-2.0-only
/* The command lines that open the core, ready for a shell. */
#include "opener.h"
#include "report.h"

void report_openers(struct meminspect_context *context, const struct meminspect_dump *dump,
		    const char *path)
{
	static const enum opener_tool tools[] = { OPENER_CRASH, OPENER_DRGN, OPENER_GDB };
	/* One in the working directory may be another kernel's, which says nothing of this one. */
	const char *vmlinux = meminspect_vmlinux_check(context, dump, "vmlinux") ? NULL : "vmlinux";
	struct opener opener;

	report_heading("Open it by meminspect open, or with the vmlinux of this build-id, and a crash built for its machine, by");
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		opener_make(&opener, tools[i], dump, vmlinux, path);
		if (opener.lacks)
			printf("  %s\n", opener.lacks);
		printf("  ");
		opener_print(&opener);
		opener_free(&opener);
	}
}
