/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of meminspect report. */
#ifndef REPORT_H
#define REPORT_H

#include "tool.h"

/* report.c */
void report_heading(const char *text);
/* The contents of a region that is present and in one piece, else NULL. */
const struct meminspect_piece *report_whole_piece(const struct meminspect_dump *dump,
						  const char *name);

/* report-log.c: the last lines of the log */
void report_log(struct meminspect_context *context, const struct meminspect_dump *dump);

/* report-openers.c: command lines that open the core */
void report_openers(struct meminspect_context *context, const struct meminspect_dump *dump,
		    const char *path);

#endif /* REPORT_H */
