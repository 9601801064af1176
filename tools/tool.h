/* SPDX-License-Identifier: GPL-2.0-only */
/* What the subcommands of meminspect(1) share. */
#ifndef TOOL_H
#define TOOL_H

#include "meminspect.h"

#define TOOL_VERSION "0.1"

/* Exit statuses; meminspect(1) documents them. */
enum tool_status {
	TOOL_COMPLETE	= 0,	/* done, and nothing is missing */
	TOOL_INCOMPLETE	= 1,	/* done, but something is missing or damaged */
	TOOL_FAILED	= 2,	/* no answer was possible */
};

/*
 * Subcommands, each in tools/<name>.c. argv[0] is the name of the subcommand.
 * They return enum tool_status.
 */
int command_collect(int argc, char **argv);
int command_core(int argc, char **argv);
int command_extract(int argc, char **argv);
int command_check(int argc, char **argv);
int command_regions(int argc, char **argv);
int command_report(int argc, char **argv);
int command_log(int argc, char **argv);
int command_vmcoreinfo(int argc, char **argv);
int command_kinfo(int argc, char **argv);
int command_open(int argc, char **argv);

/* print.c */
/* "meminspect: " and the sentence, on stderr. Control characters in it are escaped. */
void tool_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says so, and exits. */
void tool_out_of_memory(void) __attribute__((noreturn));
/*
 * Text from a dump may hold anything: all but printable ASCII is written as
 * \xHH, so that it cannot steer a terminal. A tab is kept.
 */
void tool_print_escaped(FILE *out, const char *text, size_t length);
/* The same for a string, padded on the right to @width columns. */
void tool_print_column(FILE *out, const char *text, int width);
#define TOOL_SIZE_LENGTH 24
/* As "2.5 MiB"; exact bytes below 1 KiB. Returns @buffer. */
const char *tool_size(char buffer[TOOL_SIZE_LENGTH], uint64_t bytes);
/* UTC, as "2025-01-31 23:59:59 UTC". Returns @buffer. */
#define TOOL_TIME_LENGTH 64
const char *tool_time(char buffer[TOOL_TIME_LENGTH], int64_t seconds);
/* Escape sequences for @out, or "" if it is no terminal or NO_COLOR is set. */
const char *tool_bold(FILE *out);
const char *tool_red(FILE *out);
const char *tool_plain(FILE *out);
/* TOOL_FAILED, after an error, if something could not be written to stdout; else @status. */
int tool_finish(int status);

/* command.c */
/*
 * If --help is among the arguments: prints @help, sets *status, and returns
 * true. The subcommand then returns *status.
 */
bool tool_help_wanted(int argc, char **argv, const char *help, int *status);
/* "Try 'meminspect NAME --help'." on stderr; returns TOOL_FAILED. */
int tool_usage_error(const char *command);

/*
 * The only operand, behind all options that getopt_long() took. If there is
 * none, or more: prints an error that calls it @what, and returns NULL.
 */
const char *tool_operand(int argc, char **argv, const char *what);

/* verdicts.c */
/* How many regions of each verdict, and how many bytes are there; and what was not collected. */
struct tool_verdicts {
	size_t nr_regions;
	size_t regions[MEMINSPECT_LEFT_OUT + 1];
	uint64_t bytes;
	uint64_t bytes_added;
};

void tool_count_verdicts(const struct meminspect_dump *dump, struct tool_verdicts *verdicts);
/*
 * TOOL_COMPLETE if no region, and nothing else that tools need, is missing or
 * damaged. What policy left out is neither.
 */
int tool_status(const struct meminspect_dump *dump);
/* As "31 regions: 29 present, 1 absent, 1 corrupt; 812.0 KiB", without an end of line. */
void tool_print_verdicts(FILE *out, const struct meminspect_dump *dump);
/* Name and key, as "crash_notes[cpu 3]", for free(); exits if memory is short. */
char *tool_region_label(const struct meminspect_region *region);
/* The table of regions, then reasons and problems. */
void tool_print_regions(FILE *out, const struct meminspect_dump *dump);
void tool_print_problems(FILE *out, const struct meminspect_dump *dump);
/* Which regions policy left out, and why. */
void tool_print_left_out(FILE *out, const struct meminspect_dump *dump);

/* questions.c: which questions crash, drgn and gdb will answer, and what the others lack */
void tool_print_questions(struct meminspect_context *context, const struct meminspect_dump *dump);

/* Whether crash opens it without flags. */
bool tool_crash_starts(const struct meminspect_dump *dump);
/* By the release alone: whether crash 9 knows how that kernel describes modules. */
bool tool_crash_knows_modules(const struct meminspect_dump *dump);

/* level.c */
#define TOOL_NO_LEVEL -1
/* Sets *level to what an option names; false, after an error, if there is no such level. */
bool tool_take_level(const char *name, int *level);
/*
 * Cuts the dump down to a level, and adds what pointers lead to, if @memory is all of RAM and not
 * NULL; false, after an error, if that can't be. TOOL_NO_LEVEL: what was marked.
 */
bool tool_apply_level(struct meminspect_context *context, struct meminspect_dump *dump,
		      struct meminspect_memory *memory, int level, const char *vmlinux);

/* write-core.c */
/*
 * False, after an error, if a core can't have this name: asked before long work,
 * the library makes sure when it writes.
 */
bool tool_may_create(const char *path);
/* Adds what stands in @vmlinux, if it is not NULL; false, after an error, if that can't be. */
bool tool_complete(struct meminspect_context *context, struct meminspect_dump *dump,
		   struct meminspect_memory *memory, const char *vmlinux);

struct timespec;
/* A function of the library that writes a file. */
typedef int (*tool_write_function)(struct meminspect_context *context,
				   const struct meminspect_dump *dump, const char *path);
/*
 * Writes the core; one line on stdout sums it up, with the time since @start
 * (CLOCK_MONOTONIC), then come what is missing and problems.
 */
int tool_write_core(struct meminspect_context *context, const struct meminspect_dump *dump,
		    tool_write_function write, const char *path, const struct timespec *start);

/* open-dump.c */
/* Opens a core; prints an error and returns NULL if it can't. */
struct meminspect_dump *tool_open_dump(struct meminspect_context *context, const char *path);
typedef void (*tool_dump_function)(struct meminspect_context *context,
				   const struct meminspect_dump *dump, const char *path);
/* The whole of a command that takes one core and no option; returns the exit status. */
int tool_command_on_dump(int argc, char **argv, const char *help, tool_dump_function function);
/* Context with progress on stderr, if that is a terminal; exits if memory is short. */
struct meminspect_context *tool_context(void);
/* Takes the progress line off the terminal; done by tool_error(). */
void tool_progress_clear(void);

#endif /* TOOL_H */
